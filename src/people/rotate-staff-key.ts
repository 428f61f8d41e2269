import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { updateKeyHash } from './staff-store.ts';
import { keyHashOf, UnknownStaff } from './staff.ts';

/**
 * Gives a person its next personal key, returned this once; the one before is refused from the next
 * request on. Throws Refusal `unknown-staff`.
 */
export async function rotateStaffKey(
  { db, random }: Tools,
  { staffId }: { staffId: string },
): Promise<{ key: string }> {
  const key = `slk_${random.bytes(32).toString('base64url')}`;
  await inTransaction(db, async (tx) => {
    if (!(await updateKeyHash(tx, staffId, keyHashOf(key)))) throw new Refusal(UnknownStaff);
  });
  return { key };
}
