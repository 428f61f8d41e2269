import type { Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { insertTransfer } from './transfer-store.ts';
import type { Transfer } from './transfer.ts';

/**
 * Books what a partner collected of our customers, or took back of it (an amount below nothing), under
 * the partner's reference: the first statement that is closed over its day states it. Throws where the
 * reference has booked something: who reports it asks that first.
 */
export async function bookCollection(
  tx: Transaction,
  { clock }: Pick<Tools, 'clock'>,
  collected: Omit<Transfer, 'kind' | 'bookedAt'>,
): Promise<void> {
  const transfer: Transfer = { ...collected, kind: 'collected', bookedAt: clock.now() };
  if (!(await insertTransfer(tx, transfer))) throw new Error('A collection was booked twice.');
}
