import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { deleteContents } from './claim-store.ts';

/** Lets go of the bytes of every claim whose time is over; its hash and totals stay. How many. */
export async function forgetClaims({ db, clock }: Pick<Tools, 'db' | 'clock'>): Promise<number> {
  return inTransaction(db, (tx) => deleteContents(tx, clock.now()));
}
