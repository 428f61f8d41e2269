import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { updateStaffEnded } from './staff-store.ts';
import { UnknownStaff } from './staff.ts';

/**
 * Ends a person for good: its key is refused from the next request on. What it proposed stays for
 * others to decide. Throws Refusal `unknown-staff`.
 */
export async function endStaff({ db }: Tools, { staffId }: { staffId: string }): Promise<void> {
  await inTransaction(db, async (tx) => {
    if (!(await updateStaffEnded(tx, staffId))) throw new Refusal(UnknownStaff);
  });
}
