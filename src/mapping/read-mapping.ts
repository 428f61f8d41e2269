import { readFile } from 'node:fs/promises';
import { Refusal } from '../platform/refusal.ts';
import { problemsOf } from '../platform/schemas.ts';
import { readStrictJson } from '../platform/strict-json.ts';
import { compileExpression } from './compile-expression.ts';
import { faultsOfMapping } from './mapping-rules.ts';
import {
  FileMissing,
  type Mapping,
  type MappingFault,
  MappingInvalid,
  type RecordMapping,
} from './mapping.ts';
import type { RowMapper } from './row.ts';

/** A mapping whose every expression is compiled. */
export interface ReadyMapping {
  readonly mapping: Mapping;
  readonly records: readonly { readonly source: RecordMapping; readonly mapRow: RowMapper }[];
}

const limits = { maxBytes: 1_000_000 };

/**
 * Reads a mapping file. Throws a Refusal that names every place at fault (FileMissing where there
 * is no file, MappingInvalid for its JSON, its shape, what it leaves unsaid and what its
 * expressions may not say).
 */
export async function readMapping(path: string): Promise<ReadyMapping> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw Object.assign(new Refusal(FileMissing, `The mapping ${path} cannot be read.`), { cause });
  }
  try {
    return await prepareMapping(readStrictJson(bytes, limits));
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind === MappingInvalid) throw error;
    throw Object.assign(new Refusal(MappingInvalid, error.message, error.facts), { cause: error });
  }
}

/** The same for a mapping that is read already. */
export async function prepareMapping(value: unknown): Promise<ReadyMapping> {
  const [mismatch] = problemsOf('mapping/mapping', value);
  if (mismatch) throw new Refusal(MappingInvalid, mismatch.detail, { field: mismatch.field });
  const mapping = value as Mapping;
  const faults = faultsOfMapping(mapping);
  const records: { source: RecordMapping; mapRow: RowMapper }[] = [];
  for (const [index, source] of mapping.records.entries()) {
    const { expression, joins = [] } = source;
    const text = typeof expression === 'string' ? expression : expression.join('\n');
    const names = joins.map(({ name }) => name);
    const compiled = await compileExpression(text, names, mapping);
    if (typeof compiled === 'function') {
      records.push({ source, mapRow: compiled });
    } else {
      const place = `/records/${String(index)}/expression`;
      faults.push(
        ...compiled.map(({ position, reason }) => ({
          place,
          reason: `${placeIn(text, position)}: ${reason}`,
        })),
      );
    }
  }
  if (faults.length > 0) throw refused(faults);
  return { mapping, records };
}

/** JSONata counts the characters of an expression up to and with the one at fault. */
function placeIn(text: string, position: number): string {
  const before = text.slice(0, Math.max(0, position - 1)).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  return before.length === 1 && !text.includes('\n')
    ? `character ${String(column)}`
    : `line ${String(before.length)}, character ${String(column)}`;
}

function refused(faults: readonly MappingFault[]): Refusal {
  const sentences = faults.map(({ place, reason }) => `${place} ${reason}`);
  const [first] = faults;
  return new Refusal(MappingInvalid, `${sentences.join('; ')}.`, first && { field: first.place });
}
