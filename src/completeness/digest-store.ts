import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';

const secretsOfNumbers: Statement = {
  name: 'log-secrets-of-numbers',
  text: `select log_subjects.number, log_subjects.customer_id, log_secrets.secret
    from log_subjects
      left join log_secrets on log_secrets.customer_id = log_subjects.customer_id
    where log_subjects.recipient_id = $1 and log_subjects.number = any($2::bigint[])`,
};

/** The secrets of the customers with these numbers; a customer without one is given one. */
export async function readSecrets(
  db: Database | Transaction,
  {
    recipientId,
    numbers,
    draw,
  }: { recipientId: string; numbers: readonly number[]; draw: () => Buffer },
): Promise<Map<number, Buffer>> {
  const rows = await queryNamed<{ number: string; customer_id: string; secret: Buffer | null }>(
    db,
    secretsOfNumbers,
    [recipientId, numbers],
  );
  const bare = rows.flatMap((row) => (row.secret === null ? [row.customer_id] : []));
  const made = await giveSecrets(db, bare, draw);
  return new Map(
    rows.flatMap((row) => {
      const secret = row.secret ?? made.get(row.customer_id);
      return secret ? [[Number(row.number), secret]] : [];
    }),
  );
}

const secretsOfCustomers: Statement = {
  name: 'log-secrets-of-customers',
  text: `select log_secrets.customer_id, log_secrets.secret from log_secrets
    where log_secrets.customer_id = any($1::uuid[])`,
};

const insertSecrets: Statement = {
  name: 'log-secrets-insert',
  text: `insert into log_secrets (customer_id, secret)
    select given.customer_id, given.secret
    from unnest($1::uuid[], $2::bytea[]) as given (customer_id, secret)
    order by given.customer_id
    on conflict (customer_id) do nothing`,
};

/** The secrets of customers that had none: what another process gave meanwhile stays. */
export async function giveSecrets(
  db: Database | Transaction,
  customerIds: readonly string[],
  draw: () => Buffer,
): Promise<Map<string, Buffer>> {
  if (customerIds.length === 0) return new Map();
  await queryNamed(db, insertSecrets, [customerIds, customerIds.map(draw)]);
  return findSecrets(db, customerIds);
}

/** The secrets of these customers, of those who have one. */
export async function findSecrets(
  db: Database | Transaction,
  customerIds: readonly string[],
): Promise<Map<string, Buffer>> {
  const rows = await queryNamed<{ customer_id: string; secret: Buffer }>(db, secretsOfCustomers, [
    customerIds,
  ]);
  return new Map(rows.map((row) => [row.customer_id, row.secret]));
}

const erasedLeaves: Statement = {
  name: 'log-erased-leaves',
  text: `select log_erased_leaves.pseudonym, log_erased_leaves.entries from log_erased_leaves
    where log_erased_leaves.recipient_id = $1 and log_erased_leaves.day = $2`,
};

/** What stays of customers who are erased: what they were called on a day, and their entries. */
export async function findErasedLeaves(
  db: Database | Transaction,
  recipientId: string,
  day: string,
): Promise<{ pseudonym: Buffer; entries: Buffer }[]> {
  return queryNamed(db, erasedLeaves, [recipientId, day]);
}

export async function insertErasedLeaves(
  tx: Transaction,
  recipientId: string,
  leaves: readonly { day: string; pseudonym: Buffer; entries: Buffer }[],
): Promise<void> {
  if (leaves.length === 0) return;
  const rows = leaves.map((leaf) => ({ recipient_id: recipientId, ...leaf }));
  await tx('log_erased_leaves').insert(rows);
}

const indicesById: Statement = {
  name: 'log-indices-by-id',
  text: `select disclosure_entries.index from disclosure_entries
    where disclosure_entries.recipient_id = $1 and disclosure_entries.entry_id = any($2::uuid[])
    union all
    select log_archived_ids.index from log_archived_ids
    where log_archived_ids.recipient_id = $1 and log_archived_ids.entry_id = any($2::uuid[])
    order by 1`,
};

/** The indices of the entries with these ids that there are, in the database or detached, in order. */
export async function findIndicesById(
  db: Database | Transaction,
  recipientId: string,
  entryIds: readonly string[],
): Promise<number[]> {
  const rows = await queryNamed<{ index: string }>(db, indicesById, [recipientId, entryIds]);
  return [...new Set(rows.map(({ index }) => Number(index)))];
}

/** Whether entries of this kind stand in a part of a log. */
export async function hasEvent(
  db: Database | Transaction,
  { recipientId, event, from }: { recipientId: string; event: string; from: number },
): Promise<boolean> {
  const row: unknown = await db('disclosure_entries')
    .select('disclosure_entries.index')
    .where('disclosure_entries.recipient_id', recipientId)
    .where('disclosure_entries.index', '>=', from)
    .whereRaw('strpos(disclosure_entries.entry, ?) > 0', [`"event":"${event}"`])
    .first();
  return row !== undefined;
}
