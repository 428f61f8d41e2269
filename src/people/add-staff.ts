import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { insertStaff } from './staff-store.ts';
import {
  InvalidStaff,
  keyHashOf,
  roles as allRoles,
  StaffNameTaken,
  type Staff,
  type StaffId,
} from './staff.ts';

/**
 * Adds a person with its roles. The personal key (256 random bits) is returned this once and never
 * again. Refusals: `invalid-staff`, `staff-name-taken`.
 */
export async function addStaff(
  { db, clock, random }: Tools,
  { name, roles }: { name: string; roles: readonly string[] },
): Promise<{ staff: Staff; key: string }> {
  if (!/^\P{C}{1,200}$/u.test(name) || name.trim() !== name) {
    throw new Refusal(
      InvalidStaff,
      'A name has 1 to 200 printable characters, and no blank at its ends.',
      { field: 'name' },
    );
  }
  if (roles.length === 0 || roles.some((role) => !allRoles.some((known) => known === role))) {
    throw new Refusal(InvalidStaff, `A person has roles out of ${allRoles.join(', ')}.`, {
      field: 'roles',
    });
  }
  const key = `slk_${random.bytes(32).toString('base64url')}`;
  const staff: Staff = {
    id: `per_${random.bytes(16).toString('base64url')}` as StaffId,
    name,
    roles: allRoles.filter((role) => roles.includes(role)),
    status: 'active',
  };
  await inTransaction(db, async (tx) => {
    const isAdded = await insertStaff(tx, staff, { keyHash: keyHashOf(key), at: clock.now() });
    if (!isAdded) throw new Refusal(StaffNameTaken, undefined, { field: 'name' });
  });
  return { staff, key };
}
