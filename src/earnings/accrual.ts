import type { BasePart } from '../agreements/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Rounding } from '../platform/rounding.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';

/** Derived from partner, payment and refund: the same line has the same id whenever it is computed. */
export type LineId = string & { readonly is: 'LineId' };

/**
 * Why a line carries no fee: its payment's currency is not one the agreement names, or its refund
 * speaks another currency than its payment.
 */
export type NoFee = 'currency-not-agreed' | 'refund-currency-differs';

/** What a person reads to recompute a line: the sentence, and the same as values. */
export interface Explanation {
  readonly text: string;
  /**
   * The sentence as the partner is told it: without what other payments come to, since some of them
   * may be none of its own to see (a running total tells them).
   */
  readonly told: string;
  readonly formula: string;
  /** The exact amount in minor units before rounding: "12.375" or "12 × 50 ÷ 99"; null without a fee. */
  readonly exact: string | null;
  /** What the formula reads: minor units, rates and days as text. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** What the rules read of a settled payment. */
export interface FeePayment {
  readonly recordId: RecordId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly settledAt: Date;
  readonly amountMinor: bigint;
  readonly taxMinor: bigint;
  readonly parts: Readonly<Partial<Record<BasePart, bigint>>>;
  readonly currency: string;
}

/** What the rules read of a refund, a dispute, or a credit that names no payment. */
export interface FeeRefund {
  readonly recordId: RecordId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  /** Null for a credit: it takes back the latest earnings of the customer and service. */
  readonly paymentId: RecordId | null;
  /** For a dispute: when it was opened. */
  readonly refundedAt: Date;
  readonly kind: 'refund' | 'dispute';
  /** When a dispute was won: what it took back is restored. */
  readonly wonAt: Date | null;
  readonly amountMinor: bigint;
  readonly taxMinor: bigint;
  readonly currency: string;
}

/**
 * One fee earned by a payment, or taken back by a refund (or given back, where a dispute is won).
 * Positive: we owe the partner.
 */
export interface AccrualLine {
  readonly lineId: LineId;
  readonly kind: 'accrual' | 'reversal';
  readonly partnerId: PartnerId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly paymentId: RecordId;
  /** The refund or dispute of a reversal; null for an accrual. */
  readonly refundId: RecordId | null;
  /** The line that a reversal takes back; null for an accrual. */
  readonly reversesLineId: LineId | null;
  /** When the payment settled. */
  readonly settledAt: Date;
  /** When the line came about: the payment settled, or the refund was made. */
  readonly occurredAt: Date;
  /** The month (YYYY-MM) of `occurredAt` in the agreement's zone. */
  readonly month: string;
  /** The day (YYYY-MM-DD) from which the line stands on a statement. */
  readonly availableOn: string;
  readonly currency: string;
  /** Payment less tax and parts; for a reversal the refund less its tax, negative. */
  readonly baseMinor: bigint;
  readonly feeMinor: bigint;
  /** Null where no single rate made the fee: a flat amount, graduated tiers. */
  readonly ratePercent: string | null;
  readonly rounding: Rounding;
  readonly agreementVersion: number;
  readonly because: NoFee | null;
  readonly explanation: Explanation;
}
