import type { Tools } from '../platform/tools.ts';
import { Refusal } from '../platform/refusal.ts';
import { findBatches } from './payout-store.ts';
import { UnknownPayout, type PayoutBatch } from './payout.ts';

/** Every payout batch with what became of its statements, the latest first. */
export async function listPayouts({ db }: Pick<Tools, 'db'>): Promise<PayoutBatch[]> {
  return findBatches(db);
}

/** One of them. Refusal: `unknown-payout`. */
export async function readPayout({ db }: Pick<Tools, 'db'>, number: number): Promise<PayoutBatch> {
  const [batch] = await findBatches(db, { number });
  if (!batch) throw new Refusal(UnknownPayout);
  return batch;
}
