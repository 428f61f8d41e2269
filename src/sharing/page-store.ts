import type { PartnerId } from '../partners/index.ts';
import type { Reader } from '../platform/database.ts';
import type { CompiledView } from '../views/index.ts';

/** A joint record through a view, with what the log needs to know of it. */
export interface SharedRow {
  readonly position: string;
  readonly subjectNumber: number;
  readonly subjectId: string;
  /** JSON text of the record, of permitted fields only. */
  readonly record: string;
}

/** Rows and the epoch of the recipient's log, read in one snapshot. */
export interface SharedRows {
  readonly epoch: bigint;
  readonly rows: readonly SharedRow[];
}

interface Row {
  readonly epoch: string | null;
  readonly position: string | null;
  readonly subject_number: number;
  readonly subject_id: string;
  readonly record: string;
}

/** The joint records after a position, in their fixed order. */
export async function readPage(
  reader: Reader,
  view: CompiledView,
  page: { recipientId: PartnerId; after: string; limit: number },
): Promise<SharedRows> {
  const values = [page.recipientId, page.after, page.limit];
  return sharedRows(await reader.read<Row>(page.recipientId, view.page, values));
}

/** One joint record, or none. */
export async function readSingle(
  reader: Reader,
  view: CompiledView,
  one: { recipientId: PartnerId; recordId: string },
): Promise<SharedRows> {
  const values = [one.recipientId, one.recordId];
  return sharedRows(await reader.read<Row>(one.recipientId, view.single, values));
}

/** Without rows there is one line still, for the epoch; its position is null. */
function sharedRows(lines: readonly Row[]): SharedRows {
  const epoch = lines[0]?.epoch;
  if (epoch === undefined || epoch === null) throw new Error('The recipient has no log.');
  const rows = lines.flatMap(({ position, record, ...row }) =>
    position === null
      ? []
      : [{ position, record, subjectNumber: row.subject_number, subjectId: row.subject_id }],
  );
  return { epoch: BigInt(epoch), rows };
}
