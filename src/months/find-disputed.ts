import { findReversals, type OfMonth, type ReversalLine } from '../fees/index.ts';
import type { Transaction } from '../platform/database.ts';
import { findCurrentRecords } from '../records/index.ts';

/** How many customers' records are read at once. */
const customersAtOnce = 500;

/**
 * The lines that took fees back in a month because a customer disputes a payment: of disputes that
 * nobody won until now.
 */
export async function findDisputed(tx: Transaction, of: OfMonth): Promise<ReversalLine[]> {
  const reversals = await findReversals(tx, of);
  const customerIds = [...new Set(reversals.map(({ customerId }) => customerId))];
  const recordIds = [...new Set(reversals.map(({ refundId }) => refundId))];
  const disputes = new Set<string>();
  for (let from = 0; from < customerIds.length; from += customersAtOnce) {
    const records = await findCurrentRecords(tx, {
      customerIds: customerIds.slice(from, from + customersAtOnce),
      types: ['refund'],
      recordIds,
    });
    for (const { recordId, body } of records) {
      if (body['kind'] === 'dispute' && body['wonAt'] === undefined) disputes.add(recordId);
    }
  }
  return reversals.filter(({ refundId }) => disputes.has(refundId));
}
