import { refreshJoint } from '../joint/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { catalogueOf } from '../catalogue/index.ts';
import {
  acceptRecord,
  storeRecords,
  type CheckedRecord,
  type CustomerId,
  type RecordProblem,
} from '../records/index.ts';
import { activateRelationships } from '../relationships/index.ts';

/** A record as its source gives it, and where it stood. */
export interface OfferedRecord {
  readonly type: string;
  readonly value: unknown;
  readonly file: string;
  readonly line: number;
}

export interface TakenProblem {
  readonly field: string;
  readonly code: string;
  readonly detail: string;
  /** The promise that the record would break, where one decided (P10, P19). */
  readonly promise?: string;
}

/** What became of an offered record. */
export interface Taken {
  readonly outcome: 'new' | 'changed' | 'unchanged' | 'rejected';
  readonly problems: readonly TakenProblem[];
}

/**
 * Takes records in: checks each, stores what is new or changed, makes relationships active that a
 * payment made so, and brings the joint records up to date, all in one transaction. What is wrong
 * with one record rejects that record and no other.
 */
export async function takeRecords(
  tools: Tools,
  { records }: { records: readonly OfferedRecord[] },
): Promise<Taken[]> {
  const read = readAll(tools, records).map(unlessReserved);
  return taken(read, await inTransaction(tools.db, (tx) => store(tx, tools, soundOf(read))));
}

/** The same inside a transaction that stores more than the records, by whose source they are made. */
export async function takeRecordsIn(
  tx: Transaction,
  tools: Tools,
  { records }: { records: readonly OfferedRecord[] },
): Promise<Taken[]> {
  const read = readAll(tools, records);
  return taken(read, await store(tx, tools, soundOf(read)));
}

type Read = ReturnType<typeof acceptRecord>;

/** What a partner collected is told by its reports alone: the record follows what it owes us. */
function unlessReserved(read: Read): Read {
  if (!('record' in read) || !['payment', 'refund'].includes(read.record.type)) return read;
  if (!read.record.key.startsWith('collection ')) return read;
  const sentence = 'Keys that begin with "collection " are those of what partners collected.';
  return { problems: [{ field: '/id', reason: 'reserved-key', sentence }] };
}

function readAll(tools: Tools, records: readonly OfferedRecord[]): readonly Read[] {
  const catalogue = catalogueOf(tools.settings);
  const now = tools.clock.now();
  return records.map(({ type, value }) => acceptRecord(catalogue, type, value, now));
}

const soundOf = (read: readonly Read[]) =>
  read.flatMap((one) => ('record' in one ? [one.record] : []));

function taken(read: readonly Read[], stored: Awaited<ReturnType<typeof store>>): Taken[] {
  let next = 0;
  return read.map((one): Taken => {
    if (!('record' in one)) return rejected(one.problems);
    const outcome = stored[next];
    next += 1;
    if (outcome === undefined) throw new Error('A record was stored without an outcome.');
    return outcome.outcome === 'refused'
      ? rejected([outcome.problem])
      : { outcome: outcome.outcome, problems: [] };
  });
}

async function store(tx: Transaction, tools: Tools, records: readonly CheckedRecord[]) {
  const now = tools.clock.now();
  const outcomes = await storeRecords(tx, { now, records });
  const written = records.filter((_, index) =>
    ['new', 'changed'].includes(outcomes[index]?.outcome ?? ''),
  );
  const payers = customersOf(written.filter(({ type }) => type === 'payment'));
  const turned = await activateRelationships(tx, { now, customerIds: payers });
  const whole = new Set(turned.map(({ customerId }) => customerId));
  const others = written.filter(({ customerId }) => customerId !== null && !whole.has(customerId));
  await refreshJoint(tx, tools, [
    { customerIds: [...whole] },
    {
      customerIds: customersOf(others),
      recordIds: others.map(({ recordId }) => recordId),
    },
  ]);
  return outcomes;
}

function customersOf(records: readonly CheckedRecord[]): CustomerId[] {
  return [
    ...new Set(records.flatMap(({ customerId }) => (customerId === null ? [] : [customerId]))),
  ].sort();
}

function rejected(problems: readonly RecordProblem[]): Taken {
  return {
    outcome: 'rejected',
    problems: problems.map(({ field, reason, sentence, promise }) => ({
      field,
      code: reason,
      detail: sentence,
      ...(promise && { promise }),
    })),
  };
}
