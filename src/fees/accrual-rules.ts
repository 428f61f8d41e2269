import type { AgreementVersion } from '../agreements/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { groupBy } from '../platform/group.ts';
import { localDay } from '../platform/local-days.ts';
import { uuidOf } from '../platform/uuid.ts';
import type { ServiceId } from '../records/index.ts';
import type { Relationship } from '../relationships/index.ts';
import type { AccrualLine, FeePayment, FeeRefund, LineId } from './accrual.ts';
import { addDays, daysBetween, monthOf } from '../platform/calendar-days.ts';
import { earningOf, type Earning } from './earning-rules.ts';
import { explainAccrual, explainReversal, type RefundStep } from './explanation-rules.ts';
import { parseRate, percentFee, reversalDue } from './fee-rules.ts';
import { inOrder } from './line-rules.ts';

/** Everything that the fees of one partner follow from, in any order. */
export interface FeeSources {
  readonly partnerId: PartnerId;
  readonly relationships: readonly Relationship[];
  readonly payments: readonly FeePayment[];
  readonly refunds: readonly FeeRefund[];
  readonly agreements: readonly AgreementVersion[];
  /** The key of each service, as agreements name it. */
  readonly serviceKeys: ReadonlyMap<ServiceId, string>;
}

/**
 * What a partner's payments earn and their refunds take back, in the order (moment, id). The lines
 * follow from the sources alone: neither their order nor the host's clock or zone matters.
 */
export function accrue(sources: FeeSources): AccrualLine[] {
  const { partnerId, serviceKeys } = sources;
  const agreements = [...sources.agreements].sort((a, b) => a.version - b.version);
  const relationshipsOf = groupBy(sources.relationships, pairOf);
  const refundsOf = groupBy(sources.refunds, ({ paymentId }) => paymentId);
  const lines = sources.payments.flatMap((payment) => {
    const relationships = relationshipsOf.get(pairOf(payment)) ?? [];
    const earning = earningOf(payment, { relationships, agreements, serviceKeys });
    if (!earning) return [];
    const line = accrualOf(partnerId, earning);
    return [line, ...reversalsOf(earning, line, refundsOf.get(payment.recordId) ?? [])];
  });
  return inOrder(lines);
}

function accrualOf(partnerId: PartnerId, earning: Earning): AccrualLine {
  const { payment, agreement, terms, baseMinor, settledOn } = earning;
  const isAgreed = terms.currencies.includes(payment.currency);
  const earnedMinor = percentFee(baseMinor, parseRate(terms.ratePercent), terms.rounding);
  const owedMinor = agreement.terms.direction === 'payable' ? earnedMinor : -earnedMinor;
  return {
    lineId: lineIdOf(partnerId, payment.recordId),
    kind: 'accrual',
    partnerId,
    customerId: payment.customerId,
    serviceId: payment.serviceId,
    paymentId: payment.recordId,
    refundId: null,
    reversesLineId: null,
    settledAt: payment.settledAt,
    occurredAt: payment.settledAt,
    month: monthOf(settledOn),
    availableOn: addDays(settledOn, terms.holdDays ?? 0),
    currency: payment.currency,
    baseMinor,
    feeMinor: isAgreed ? owedMinor : 0n,
    ratePercent: terms.ratePercent,
    rounding: terms.rounding,
    agreementVersion: agreement.version,
    because: isAgreed ? null : 'currency-not-agreed',
    explanation: explainAccrual(earning, isAgreed ? owedMinor : null),
  };
}

/**
 * One line for each refund or dispute inside the clawback days, at the rate, rounding and days of
 * the version that the line itself earned under, whatever changed since.
 */
function reversalsOf(
  earning: Earning,
  line: AccrualLine,
  refunds: readonly FeeRefund[],
): AccrualLine[] {
  if (line.because) return [];
  let refundedMinor = 0n;
  let reversedMinor = 0n;
  return [...refunds].sort(byRefundedAt).flatMap((refund) => {
    const refundedOn = localDay(refund.refundedAt, earning.agreement.terms.timeZone);
    const days = daysBetween(earning.settledOn, refundedOn);
    if (days > (earning.terms.clawbackDays ?? Infinity)) return [];
    if (refund.currency !== line.currency) {
      return [reversalOf(earning, line, { refund, refundedOn, days, share: null })];
    }
    refundedMinor += refund.amountMinor - refund.taxMinor;
    const share = {
      feeMinor: line.feeMinor,
      paidMinor: earning.baseMinor,
      refundedMinor: refundedMinor < 0n ? 0n : refundedMinor,
      reversedMinor,
    };
    const reversal = reversalOf(earning, line, { refund, refundedOn, days, share });
    reversedMinor -= reversal.feeMinor;
    return [reversal];
  });
}

function reversalOf(earning: Earning, line: AccrualLine, step: RefundStep): AccrualLine {
  const { refund, refundedOn, share } = step;
  const dueMinor = share ? reversalDue(share, line.rounding) : 0n;
  return {
    ...line,
    lineId: lineIdOf(line.partnerId, line.paymentId, refund.recordId),
    kind: 'reversal',
    refundId: refund.recordId,
    reversesLineId: line.lineId,
    occurredAt: refund.refundedAt,
    month: monthOf(refundedOn),
    availableOn: line.availableOn > refundedOn ? line.availableOn : refundedOn,
    currency: refund.currency,
    baseMinor: refund.taxMinor - refund.amountMinor,
    feeMinor: -dueMinor,
    because: share ? null : 'refund-currency-differs',
    explanation: explainReversal(earning, step),
  };
}

function pairOf({ customerId, serviceId }: { customerId: string; serviceId: string }): string {
  return `${customerId} ${serviceId}`;
}

function lineIdOf(partnerId: PartnerId, ...recordIds: readonly string[]): LineId {
  return uuidOf('fee-line', partnerId, ...recordIds) as LineId;
}

function byRefundedAt(a: FeeRefund, b: FeeRefund): number {
  return a.refundedAt.getTime() - b.refundedAt.getTime() || (a.recordId < b.recordId ? -1 : 1);
}
