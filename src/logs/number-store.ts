import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import { noLog } from './log.ts';

/**
 * The small numbers of customers in one recipient's log; who has none yet is given the next.
 * Numbers start at 1 and have no gaps. Takes the recipient's counter, never its log's head.
 */
export async function numberSubjects(
  tx: Transaction,
  recipientId: string,
  customerIds: readonly string[],
): Promise<Map<string, number>> {
  const wanted = [...new Set(customerIds)].sort();
  const known = await findSubjectNumbers(tx, recipientId, wanted);
  if (known.size === wanted.length) return known;
  await lockCounter(tx, recipientId);
  const settled = await findSubjectNumbers(tx, recipientId, wanted);
  const missing = wanted.filter((customerId) => !settled.has(customerId));
  if (missing.length === 0) return settled;
  await queryNamed(tx, giveNumbers, [recipientId, missing, missing.length]);
  return findSubjectNumbers(tx, recipientId, wanted);
}

const giveNumbers: Statement = {
  name: 'log-give-numbers',
  text: `with counter as (
      update log_counters set numbered = log_counters.numbered + $3
      where log_counters.recipient_id = $1
      returning log_counters.recipient_id, log_counters.numbered - $3 as before
    )
    insert into log_subjects (recipient_id, customer_id, number)
    select counter.recipient_id, missing.customer_id, counter.before + missing.place
    from counter cross join unnest($2::uuid[]) with ordinality as missing (customer_id, place)`,
};

async function lockCounter(tx: Transaction, recipientId: string): Promise<void> {
  const row: unknown = await tx('log_counters')
    .first('log_counters.numbered')
    .where('log_counters.recipient_id', recipientId)
    .forUpdate();
  if (!row) throw noLog(recipientId);
}

const subjectNumbers: Statement = {
  name: 'log-subject-numbers',
  text: `select log_subjects.customer_id, log_subjects.number from log_subjects
    where log_subjects.recipient_id = $1 and log_subjects.customer_id = any($2::uuid[])`,
};

async function findSubjectNumbers(
  tx: Transaction,
  recipientId: string,
  customerIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await queryNamed<{ customer_id: string; number: string }>(tx, subjectNumbers, [
    recipientId,
    customerIds,
  ]);
  return new Map(rows.map((row) => [row.customer_id, Number(row.number)]));
}

const customersOfNumbers: Statement = {
  name: 'log-customers-of-numbers',
  text: `select log_subjects.customer_id, log_subjects.number from log_subjects
    where log_subjects.recipient_id = $1 and log_subjects.number = any($2::bigint[])`,
};

/** Whose numbers these are in a recipient's log. */
export async function findCustomersOfNumbers(
  db: Database,
  recipientId: string,
  numbers: readonly number[],
): Promise<Map<number, string>> {
  const rows = await queryNamed<{ customer_id: string; number: string }>(db, customersOfNumbers, [
    recipientId,
    [...new Set(numbers)],
  ]);
  return new Map(rows.map((row) => [Number(row.number), row.customer_id]));
}

const numbersOfCustomer: Statement = {
  name: 'log-numbers-of-customer',
  text: `select log_subjects.recipient_id, log_subjects.number from log_subjects
    join log_heads on log_heads.recipient_id = log_subjects.recipient_id
    where log_subjects.customer_id = $1
    order by log_heads.created_at, log_heads.recipient_id`,
};

/** In which recipients' logs a customer has a number, and which; the oldest log first. */
export async function findNumbersOfCustomer(
  db: Database | Transaction,
  customerId: string,
): Promise<{ recipientId: string; number: number }[]> {
  const rows = await queryNamed<{ recipient_id: string; number: string }>(db, numbersOfCustomer, [
    customerId,
  ]);
  return rows.map((row) => ({ recipientId: row.recipient_id, number: Number(row.number) }));
}

const subjectsOfEntries: Statement = {
  name: 'log-subjects-of-entries',
  text: `select disclosure_subjects.index, disclosure_subjects.numbers from disclosure_subjects
    where disclosure_subjects.recipient_id = $1
      and disclosure_subjects.index >= $2 and disclosure_subjects.index < $3
    order by disclosure_subjects.index`,
};

/** Whose records the entries from `from` to below `to` show: LEB128 differences of numbers. */
export async function findSubjects(
  db: Database | Transaction,
  recipientId: string,
  { from, to }: { from: number; to: number },
): Promise<{ index: number; numbers: Buffer }[]> {
  const rows = await queryNamed<{ index: string; numbers: Buffer }>(db, subjectsOfEntries, [
    recipientId,
    from,
    to,
  ]);
  return rows.map((row) => ({ index: Number(row.index), numbers: row.numbers }));
}
