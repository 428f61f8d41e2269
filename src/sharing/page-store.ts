import type { PartnerId } from '../partners/index.ts';
import type { Reader } from '../platform/database.ts';
import type { ServiceId } from '../records/index.ts';
import type { CompiledView } from '../projection/index.ts';

/** A joint record through a view, with what the log needs to know of it. */
export interface SharedRow {
  readonly position: string;
  readonly subjectNumber: number;
  readonly subjectId: string;
  /** JSON text of the record, of permitted fields only. */
  readonly record: Buffer;
}

/** Rows and the epoch of the recipient's log, read in one snapshot. */
export interface SharedRows {
  readonly epoch: bigint;
  readonly rows: readonly SharedRow[];
}

/** Lists joined by commas, null where there is no row. */
interface Line {
  readonly epoch: string | null;
  readonly records: string | null;
  /** Of each record: its length in bytes of UTF-8, its position, and its subject's number and id. */
  readonly abouts: string | null;
}

/** Whose joint records, and of which services: those that the agreement covers, null for all. */
interface Scope {
  readonly recipientId: PartnerId;
  readonly services: readonly ServiceId[] | null;
}

/** What narrows the records of a page: one customer, or when they are dated (from ≤ d < to). */
export interface Filter {
  readonly customer?: Customer | undefined;
  readonly dates?: { readonly from?: string | undefined; readonly to?: string | undefined };
}

/** A customer by its pairwise id, and where its records stand. */
interface Customer {
  readonly id: string;
  readonly first: string;
  readonly last: string;
}

/** The joint records after a position, in their fixed order; of them those that a filter lets through. */
export async function readPage(
  reader: Reader,
  view: CompiledView,
  page: Scope & { after: string; limit: number; filter?: Filter },
): Promise<SharedRows> {
  const { customer, dates } = page.filter ?? {};
  const values: unknown[] = [page.recipientId, page.after, page.limit, page.services];
  if (customer) values.push(customer.first, customer.last, customer.id);
  if (dates) values.push(...boundsOf(view, dates));
  const isPlain = !customer && !dates;
  const statement = isPlain
    ? view.page
    : view.filteredPage({ customer: customer !== undefined, date: dates !== undefined });
  return sharedRows(await reader.read<Line>(page.recipientId, statement, values));
}

/** An open side is before or after every date there can be: years have four digits. */
function boundsOf(
  { datedBy }: CompiledView,
  { from, to }: NonNullable<Filter['dates']>,
): readonly string[] {
  if (datedBy === 'date') return [from ?? '0000-01-01', to ?? '9999-99-99'];
  const exact = (instant: string): [string, string] => {
    const [, fraction = ''] = /[.]([0-9]+)/.exec(instant) ?? [];
    return [instant.replace(/[.][0-9]+/, ''), fraction.padEnd(9, '0')];
  };
  return [
    ...(from === undefined ? ['-infinity', ''] : exact(from)),
    ...(to === undefined ? ['infinity', ''] : exact(to)),
  ];
}

/** One joint record, or none. */
export async function readSingle(
  reader: Reader,
  view: CompiledView,
  one: Scope & { recordId: string },
): Promise<SharedRows> {
  const values = [one.recipientId, one.recordId, one.services];
  return sharedRows(await reader.read<Line>(one.recipientId, view.single, values));
}

function sharedRows([line]: readonly Line[]): SharedRows {
  if (line === undefined || line.epoch === null) throw new Error('The recipient has no log.');
  const records = Buffer.from(line.records ?? '');
  let start = 0;
  const rows = (line.abouts?.split(',') ?? []).map((about): SharedRow => {
    const [bytes, position = '', subjectNumber, subjectId = ''] = about.split(' ');
    const end = start + Number(bytes);
    const record = records.subarray(start, end);
    start = end + 1;
    return { position, record, subjectNumber: Number(subjectNumber), subjectId };
  });
  return { epoch: BigInt(line.epoch), rows };
}
