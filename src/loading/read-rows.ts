import {
  FileMissing,
  filesOf,
  formatOf,
  type Mapping,
  type RecordMapping,
  type RowFile,
} from '../mapping/index.ts';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { stat } from 'node:fs/promises';
import { Refusal } from '../platform/refusal.ts';

import { readCsv } from './read-csv.ts';
import { type JoinedRead, readJoined } from './read-joined.ts';
import { readLines } from './read-lines.ts';
import { readNdjson } from './read-ndjson.ts';
import type { RowRead } from './report.ts';

/** Throws FileMissing unless every file that the mapping names is there. */
export async function checkFiles(folder: string, mapping: Mapping): Promise<void> {
  for (const { file } of mapping.records.flatMap(filesOf)) {
    const found = await stat(join(folder, file)).catch(() => undefined);
    if (!found?.isFile()) throw new Refusal(FileMissing, `There is no file ${file} in ${folder}.`);
  }
}

/** The rows of a record mapping, each with the rows of other files that belong to it; a row or a problem at a time. */
export async function* readSource(
  folder: string,
  source: RecordMapping,
): AsyncGenerator<JoinedRead> {
  const { file, key, keyOrder, joins } = source;
  if (key !== undefined && keyOrder !== undefined && joins !== undefined) {
    const sorted = joins.map((other) => ({ ...other, rows: readRows(folder, other) }));
    yield* readJoined({ file, key, rows: readRows(folder, source) }, sorted, keyOrder);
    return;
  }
  for await (const read of readRows(folder, source)) {
    yield 'row' in read ? { ...read, joined: {} } : { ...read, file };
  }
}

/** The rows of one file, streamed. */
function readRows(folder: string, source: RowFile): AsyncGenerator<RowRead> {
  const lines = readLines(createReadStream(join(folder, source.file)));
  return formatOf(source) === 'csv' ? readCsv(lines, source.delimiter) : readNdjson(lines);
}
