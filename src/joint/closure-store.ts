import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId } from '../records/index.ts';

/** A customer whose joint records at a recipient no reader sees, though they still stand. */
export interface Closure {
  readonly recipientId: PartnerId;
  readonly customerId: CustomerId;
}

interface ClosureRow {
  readonly recipient_id: PartnerId;
  readonly customer_id: CustomerId;
}

/**
 * Closes a customer for those of these recipients where it has more than so many joint records, or
 * is closed already. Returns the recipients for whom it is closed now.
 */
export async function closeLarge(
  tx: Transaction,
  {
    customerId,
    recipientIds,
    above,
  }: { customerId: CustomerId; recipientIds: readonly PartnerId[]; above: number },
): Promise<PartnerId[]> {
  const { rows } = await tx.raw<{ rows: ClosureRow[] }>(
    `insert into joint_closures (recipient_id, customer_id, subject_number)
     select given.recipient_id, ?::uuid, beyond.subject_number
     from unnest(?::uuid[]) as given (recipient_id)
     cross join lateral (
       select joint_records.subject_number from joint_records
       where joint_records.recipient_id = given.recipient_id
         and joint_records.customer_id = ?::uuid
       offset ? limit 1
     ) beyond
     on conflict (recipient_id, customer_id) do nothing
     returning recipient_id, customer_id`,
    [customerId, [...recipientIds], customerId, above],
  );
  const standing = await tx('joint_closures')
    .select<ClosureRow[]>('joint_closures.recipient_id', 'joint_closures.customer_id')
    .where('joint_closures.customer_id', customerId)
    .whereRaw('joint_closures.recipient_id = any(?::uuid[])', [[...recipientIds]]);
  return [...new Set([...rows, ...standing].map((row) => row.recipient_id))].sort();
}

/** Opens these customers where they were closed, but for some recipients. */
export async function openClosures(
  tx: Transaction,
  { customerIds, but }: { customerIds: readonly CustomerId[]; but: readonly PartnerId[] },
): Promise<void> {
  await tx('joint_closures')
    .whereRaw('joint_closures.customer_id = any(?::uuid[])', [[...customerIds]])
    .whereRaw('joint_closures.recipient_id <> all(?::uuid[])', [[...but]])
    .delete();
}

/** Every closure that stands, in a fixed order. */
export async function findClosures(db: Database | Transaction): Promise<Closure[]> {
  const rows = await db('joint_closures')
    .select<ClosureRow[]>('joint_closures.recipient_id', 'joint_closures.customer_id')
    .orderBy(['joint_closures.customer_id', 'joint_closures.recipient_id']);
  return rows.map((row) => ({ recipientId: row.recipient_id, customerId: row.customer_id }));
}

/**
 * Removes at most so many joint records of a closed customer, and the closure with the last of them.
 * Returns whether the closure still stands. The caller holds the customer's lock.
 */
export async function removeClosed(
  tx: Transaction,
  { recipientId, customerId }: Closure,
  limit: number,
): Promise<boolean> {
  const where = { recipient_id: recipientId, customer_id: customerId };
  const [closure] = await tx('joint_closures').select<ClosureRow[]>('recipient_id').where(where);
  if (!closure) return false;
  const { rows } = await tx.raw<{ rows: { removed: number }[] }>(
    `with gone as (
       delete from joint_records where joint_records.ctid = any(array(
         select joint_records.ctid from joint_records
         where joint_records.recipient_id = ?::uuid and joint_records.customer_id = ?::uuid
         limit ?
       ))
       returning 1
     )
     select count(*)::integer as removed from gone`,
    [recipientId, customerId, limit],
  );
  if (rows[0]?.removed === limit) return true;
  await tx('joint_closures').where(where).delete();
  return false;
}
