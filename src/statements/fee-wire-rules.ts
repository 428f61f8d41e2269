import type { Pairwise } from '../joint/index.ts';
import { isOpenAt, type Relationship } from '../relationships/index.ts';
import type { AccrualLine, NoFee } from '../fees/index.ts';
import type { StatementTotals } from './statement.ts';

/** Money as it stands on the wire: an integer of minor units. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** What a partner always learns of a line of its own. */
export interface WithheldLine {
  readonly id: string;
  readonly reason: 'earned' | 'reversed' | NoFee;
  readonly amount: Money;
}

/** A line with the records behind it, so that the partner can recompute it. */
export interface ShownLine extends WithheldLine {
  /** The line that a reversal takes back: shown in full, as the reversal is. */
  readonly reverses?: string;
  readonly month: string;
  readonly availableOn: string;
  readonly customer: string;
  readonly service: string;
  readonly payment: string;
  readonly refund?: string;
  readonly base: Money;
  readonly ratePercent?: string;
  readonly rounding: string;
  readonly agreementVersion: number;
  readonly formula: string;
  readonly explanation: string;
}

/**
 * Whether the records behind a line are the partner's to see now: its relationship is active, and
 * the payment (and the refund) lie in an open part of it (policy: the interval; P11).
 */
export function isShownInFull(line: AccrualLine, relationships: readonly Relationship[]): boolean {
  return relationships.some(
    (one) =>
      one.isActive &&
      one.partnerId === line.partnerId &&
      one.customerId === line.customerId &&
      one.serviceId === line.serviceId &&
      one.openParts.some(
        (part) => isOpenAt([part], line.settledAt) && isOpenAt([part], line.occurredAt),
      ),
  );
}

/**
 * What is left of a line when the records behind it are not the partner's to see. The line that it
 * reverses is not named: that one may be shown in full, and would tell whose the hidden refund is.
 */
export function withheldLine(line: AccrualLine, pairwise: Pairwise): WithheldLine {
  return {
    id: pairwise.idOf('fee-line', line.lineId),
    reason: line.because ?? (line.kind === 'accrual' ? 'earned' : 'reversed'),
    amount: moneyOf(line.feeMinor, line.currency),
  };
}

/** A line with everything the partner needs to recompute it; ids mean something to it alone. */
export function shownLine(line: AccrualLine, pairwise: Pairwise): ShownLine {
  const { reversesLineId } = line;
  return {
    ...withheldLine(line, pairwise),
    ...(reversesLineId && { reverses: pairwise.idOf('fee-line', reversesLineId) }),
    month: line.month,
    availableOn: line.availableOn,
    customer: pairwise.idOf('customer', line.customerId),
    service: pairwise.idOf('service', line.serviceId),
    payment: pairwise.idOf('payment', line.paymentId),
    ...(line.refundId && { refund: pairwise.idOf('refund', line.refundId) }),
    base: moneyOf(line.baseMinor, line.currency),
    ...(line.ratePercent !== null && { ratePercent: line.ratePercent }),
    rounding: line.rounding,
    agreementVersion: line.agreementVersion,
    formula: line.explanation.formula,
    explanation: line.explanation.text,
  };
}

/** A statement's totals. */
export interface WireStatement {
  readonly id: string;
  readonly month: string;
  readonly currency: string;
  readonly status: 'draft';
  readonly opening: Money;
  readonly accrued: Money;
  readonly reversed: Money;
  readonly closing: Money;
  readonly lineCount: number;
  readonly agreementVersions: readonly number[];
}

export function wireStatement(totals: StatementTotals): WireStatement {
  const { id, month, currency, status, lineCount, agreementVersions } = totals;
  return {
    id,
    month,
    currency,
    status,
    opening: moneyOf(totals.openingMinor, currency),
    accrued: moneyOf(totals.accruedMinor, currency),
    reversed: moneyOf(totals.reversedMinor, currency),
    closing: moneyOf(totals.closingMinor, currency),
    lineCount,
    agreementVersions,
  };
}

/** JSON numbers are exact to 2^53 − 1; beyond it nothing is sent. */
function moneyOf(minor: bigint, currency: string): Money {
  const amount = Number(minor);
  if (!Number.isSafeInteger(amount)) throw new RangeError('An amount is beyond 2^53 − 1.');
  return { amount, currency };
}
