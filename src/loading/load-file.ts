import type { OfferedRecord } from '../intake/index.ts';
import { faultOfTax, type Mapping, type ReadyMapping } from '../mapping/index.ts';
import type { JoinedRead } from './read-joined.ts';
import { readSource } from './read-rows.ts';
import type { FileReport, Rejection } from './report.ts';
import { type Load, newTally, reject, takeBatch, type Tally } from './take-batch.ts';

/** Records in one transaction. */
const batchSize = 500;

type FileToLoad = ReadyMapping['records'][number] & {
  readonly folder: string;
  readonly tax: Mapping['tax'];
};

/** Loads the records of one file, with the rows that other files have for it, until the load stops. */
export async function loadFile(load: Load, loaded: FileToLoad): Promise<FileReport> {
  const { folder, source } = loaded;
  const tally = newTally(source.file, source.type);
  let batch: OfferedRecord[] = [];
  for await (const item of readSource(folder, source)) {
    batch.push(...(await recordsOf(load, tally, loaded, item)));
    if (load.stopped) break;
    if (batch.length >= batchSize) {
      await takeBatch(load, tally, batch);
      batch = [];
    }
  }
  await takeBatch(load, tally, batch);
  return tally;
}

/** What a row becomes, what cannot be taken written down. */
async function recordsOf(
  load: Load,
  tally: Tally,
  { source: { file, type }, mapRow, tax }: FileToLoad,
  item: JoinedRead,
): Promise<OfferedRecord[]> {
  const { line } = item;
  if (!('row' in item)) {
    if (item.file === file) tally.read += 1;
    const rejection = { file: item.file, line, field: '', code: item.code, reason: item.reason };
    reject(load, tally, [rejection]);
    if (item.stops) load.stopped ??= rejection;
    return [];
  }
  tally.read += 1;
  const mapped = await mapRow(item.row, item.joined);
  if (!('records' in mapped)) {
    const rejection: Rejection = {
      file,
      line,
      field: '',
      code: mapped.code,
      reason: mapped.reason,
    };
    reject(load, tally, [rejection]);
    if (mapped.endless) load.stopped ??= rejection;
    return [];
  }
  if (mapped.records.length === 0) tally.skipped += 1;
  return mapped.records.flatMap((value) => {
    const fault = faultOfTax(tax, type, value);
    if (!fault) return [{ type, value, file, line }];
    reject(load, tally, [{ file, line, field: '/tax', ...fault }]);
    return [];
  });
}
