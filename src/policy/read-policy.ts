import type { Database, Transaction } from '../platform/database.ts';
import { findLastActivated } from './policy-store.ts';
import type { Policy } from './policy.ts';

/**
 * The policy in force now, in the database's time. Throws where there is none: the first is put in
 * when the database is brought up to date.
 */
export async function readPolicy(db: Database | Transaction): Promise<Policy> {
  const inForce = await findLastActivated(db);
  if (!inForce) throw new Error('The database has no policy in force.');
  return inForce.document;
}
