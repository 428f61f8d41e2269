import { queryNamed, type Statement, type Transaction } from '../platform/database.ts';

/** What is left beside an entry once somebody is erased from it. */
export interface ErasedEntry {
  readonly index: number;
  readonly numbers: Buffer;
  readonly erased: Buffer;
  readonly salts: Buffer;
}

const entries: Statement = {
  name: 'erase-entries',
  text: `select erase_subject_from_entry($1, left_over.index, left_over.numbers, left_over.erased,
      left_over.salts)
    from unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])
      as left_over (index, numbers, erased, salts)`,
};

export async function eraseEntries(
  tx: Transaction,
  recipientId: string,
  erased: readonly ErasedEntry[],
): Promise<void> {
  await queryNamed(tx, entries, [
    recipientId,
    erased.map((one) => one.index),
    erased.map((one) => one.numbers),
    erased.map((one) => one.erased),
    erased.map((one) => one.salts),
  ]);
}

const number: Statement = {
  name: 'erase-number',
  text: 'select erase_subject_from_log($1, $2, $3)',
};

/** Takes away which number a customer had in a log, and pages' word of having been narrowed to it. */
export async function eraseNumber(
  tx: Transaction,
  of: { recipientId: string; customerId: string; subject: string },
): Promise<void> {
  await queryNamed(tx, number, [of.recipientId, of.customerId, of.subject]);
}

const secret: Statement = { name: 'erase-log-secret', text: 'select erase_log_secret($1)' };

export async function eraseLogSecret(tx: Transaction, customerId: string): Promise<void> {
  await queryNamed(tx, secret, [customerId]);
}
