import type { AgreementVersion } from '../agreements/index.ts';
import { whyNoEarning, type FeePayment } from '../earnings/index.ts';
import { zoneAt } from '../settlements/index.ts';
import { groupBy } from '../platform/group.ts';
import { localDay } from '../platform/local-days.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';
import type { Relationship } from '../relationships/index.ts';
import type { Comparison } from './match-rules.ts';
import type { Reason } from './reconciliation.ts';

/**
 * Why a payment earned nothing; where none is named, why its customer has nothing in the period: what
 * all payments of those days have in common, or that there are none.
 */
export function nothingEarned(world: {
  readonly payments: readonly FeePayment[];
  readonly relationships: readonly Relationship[];
  readonly agreements: readonly AgreementVersion[];
  readonly serviceKeys: ReadonlyMap<ServiceId, string>;
  readonly fromDay: string;
  readonly untilDay: string;
}): Comparison['whyNothing'] {
  const ofCustomer = groupBy(world.payments, ({ customerId }) => customerId);
  const relationshipsOf = groupBy(world.relationships, ({ customerId }) => customerId);
  const whyOf = (payment: FeePayment): Reason => {
    const relationships = relationshipsOf.get(payment.customerId) ?? [];
    return whyNoEarning(payment, { ...world, relationships }) ?? 'no-fee-agreed';
  };
  const ofPeriod = (customerId: CustomerId): Reason => {
    const zone = zoneAt(world.agreements, world.fromDay);
    const payments = (ofCustomer.get(customerId) ?? []).filter(({ settledAt }) => {
      const day = localDay(settledAt, zone);
      return day >= world.fromDay && day < world.untilDay;
    });
    const [first, ...more] = [...new Set(payments.map(whyOf))];
    if (first) return more.length === 0 ? first : 'no-fee-agreed';
    const isBefore = (relationshipsOf.get(customerId) ?? []).every(
      ({ activatedAt }) => !activatedAt || localDay(activatedAt, zone) >= world.untilDay,
    );
    return isBefore ? 'before-activation' : 'no-payment';
  };
  return (customerId: CustomerId, paymentId: RecordId | null) => {
    if (paymentId === null) return ofPeriod(customerId);
    const payment = ofCustomer.get(customerId)?.find(({ recordId }) => recordId === paymentId);
    return payment && whyOf(payment);
  };
}
