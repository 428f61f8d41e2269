import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { CustomerId } from './record.ts';

/**
 * Locks these customers until the transaction ends, always in the same order, and answers which of
 * them we know. Whoever changes anything about a customer holds this lock.
 */
export async function lockCustomers(
  tx: Transaction,
  customerIds: readonly CustomerId[],
): Promise<Set<CustomerId>> {
  if (customerIds.length === 0) return new Set();
  const rows = await queryNamed<{ customer_id: CustomerId }>(tx, lock, [[...new Set(customerIds)]]);
  return new Set(rows.map((row) => row.customer_id));
}

export async function insertCustomers(
  tx: Transaction,
  customerIds: readonly CustomerId[],
): Promise<void> {
  if (customerIds.length > 0) await queryNamed(tx, introduce, [[...new Set(customerIds)].sort()]);
}

/** Whether anything is held of this customer. */
export async function isKnownCustomer(
  db: Database | Transaction,
  customerId: CustomerId,
): Promise<boolean> {
  const row: unknown = await db('customers')
    .select('customers.customer_id')
    .where('customers.customer_id', customerId)
    .first();
  return row !== undefined;
}

/** The source's keys of these customers. */
export async function findCustomerKeys(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<Map<CustomerId, string>> {
  if (customerIds.length === 0) return new Map();
  const rows = await queryNamed<{ customer_id: CustomerId; source_key: string }>(db, keys, [
    customerIds,
  ]);
  return new Map(rows.map((row) => [row.customer_id, row.source_key]));
}

/** A page of the customers we know, in the order of their ids: those after the one given. */
export async function findCustomerIds(
  db: Database | Transaction,
  { after, limit }: { after?: CustomerId | undefined; limit: number },
): Promise<CustomerId[]> {
  const rows = await queryNamed<{ customer_id: CustomerId }>(db, customersAfter, [
    after ?? '00000000-0000-0000-0000-000000000000',
    limit,
  ]);
  return rows.map((row) => row.customer_id);
}

const lock = {
  name: 'lock-customers',
  text: `
    select customers.customer_id from customers where customers.customer_id = any($1::uuid[])
    order by customers.customer_id for update`,
};

const introduce = {
  name: 'insert-customers',
  text: `
    insert into customers (customer_id) select given.id from unnest($1::uuid[]) as given (id)
    on conflict (customer_id) do nothing`,
};

const keys = {
  name: 'customer-keys',
  text: `
    select records.customer_id, records.source_key from records
    where records.customer_id = any($1::uuid[]) and records.record_type = 'customer'
      and records.valid_to is null`,
};

const customersAfter = {
  name: 'customers-after',
  text: `
    select customers.customer_id from customers where customers.customer_id > $1
    order by customers.customer_id limit $2`,
};
