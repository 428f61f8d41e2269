import type { RecordId } from '../records/index.ts';
import type { FeeRefund } from './accrual.ts';
import { byId, type Earning } from './earning-rules.ts';

/** What happens to fees: a payment that can earn, something taken back, a dispute that is won. */
export type FeeEvent =
  | { readonly kind: 'paid'; readonly earning: Earning }
  | { readonly kind: 'refunded'; readonly refund: FeeRefund }
  | { readonly kind: 'won'; readonly refund: FeeRefund; readonly wonAt: Date };

/**
 * All events in the order (moment, id); at one moment payments first. A refund that is dated before
 * its payment comes right after it.
 */
export function eventsOf(
  earnings: readonly Earning[],
  refunds: readonly FeeRefund[],
): readonly FeeEvent[] {
  const settledAt = new Map<RecordId, number>(
    earnings.map(({ payment }) => [payment.recordId, payment.settledAt.getTime()]),
  );
  const places: Place[] = [];
  for (const earning of earnings) {
    const { recordId: id, settledAt: at } = earning.payment;
    places.push({ at: at.getTime(), rank: 0, own: 0, id, event: { kind: 'paid', earning } });
  }
  for (const refund of refunds) {
    const { recordId: id, paymentId, refundedAt, wonAt } = refund;
    const own = refundedAt.getTime();
    const at = Math.max(own, (paymentId && settledAt.get(paymentId)) ?? own);
    places.push({ at, rank: 1, own, id, event: { kind: 'refunded', refund } });
    if (refund.kind !== 'dispute' || !wonAt) continue;
    const won = wonAt.getTime();
    const event = { kind: 'won', refund, wonAt } as const;
    places.push({ at: Math.max(at, won), rank: 2, own: won, id, event });
  }
  places.sort((a, b) => a.at - b.at || a.rank - b.rank || a.own - b.own || byId(a.id, b.id));
  return places.map(({ event }) => event);
}

interface Place {
  readonly at: number;
  readonly rank: number;
  readonly own: number;
  readonly id: RecordId;
  readonly event: FeeEvent;
}
