import type { Database, Transaction } from '../platform/database.ts';
import type { Role, Staff, StaffId } from './staff.ts';

const columns = {
  id: 'staff.id',
  name: 'staff.name',
  roles: 'staff.roles',
  status: 'staff.status',
};

/** Adds a person; false where an active one has the name. */
export async function insertStaff(
  tx: Transaction,
  { id, name, roles, status }: Staff,
  { keyHash, at }: { keyHash: Buffer; at: Date },
): Promise<boolean> {
  const rows = await tx('staff')
    .insert({ id, name, roles: [...roles], key_hash: keyHash, status, created_at: at })
    .onConflict(tx.raw("(lower(name)) where status = 'active'"))
    .ignore()
    .returning<{ id: string }[]>('id');
  return rows.length === 1;
}

export interface ListedStaff extends Staff {
  readonly createdAt: Date;
}

/** Everybody, those who ended too, in the order of their names. */
export async function findAllStaff(db: Database): Promise<ListedStaff[]> {
  return db('staff')
    .select<ListedStaff[]>({ ...columns, createdAt: 'staff.created_at' })
    .orderBy(['staff.name', 'staff.created_at', 'staff.id']);
}

/** The active person whose key has this hash. */
export async function findStaffByKeyHash(db: Database, hash: Buffer): Promise<Staff | undefined> {
  return db('staff')
    .select<Staff[]>(columns)
    .where({ 'staff.key_hash': hash, 'staff.status': 'active' })
    .first();
}

/** The roles a person has now, none where it has ended; it can't end before the transaction does. */
export async function lockRoles(tx: Transaction, id: StaffId): Promise<readonly Role[]> {
  const row = await tx('staff')
    .select<Pick<Staff, 'roles'>[]>({ roles: columns.roles })
    .where({ 'staff.id': id, 'staff.status': 'active' })
    .forShare()
    .first();
  return row?.roles ?? [];
}

/** How many active persons hold one of these roles. */
export async function countHolders(
  db: Database | Transaction,
  roles: readonly Role[],
): Promise<number> {
  const rows = await db('staff')
    .select<{ id: string }[]>('staff.id')
    .where('staff.status', 'active')
    .whereRaw('staff.roles && ?::text[]', [[...roles]]);
  return rows.length;
}

/** Ends an active person; false where there is none. */
export async function updateStaffEnded(tx: Transaction, id: string): Promise<boolean> {
  const count = await tx('staff')
    .where({ id, status: 'active' })
    .update({ status: 'ended' satisfies Staff['status'] });
  return count === 1;
}

/** Gives an active person its next key; false where there is none. */
export async function updateKeyHash(tx: Transaction, id: string, hash: Buffer): Promise<boolean> {
  return (await tx('staff').where({ id, status: 'active' }).update({ key_hash: hash })) === 1;
}
