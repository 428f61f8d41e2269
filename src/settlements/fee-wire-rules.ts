import { createHash } from 'node:crypto';
import type { Pairwise } from '../joint/index.ts';
import { isOpenAt, type Relationship } from '../relationships/index.ts';
import type { AccrualLine, LineId, NoFee } from '../fees/index.ts';

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
export function isShownInFull(
  line: Pick<AccrualLine, 'partnerId' | 'customerId' | 'serviceId' | 'settledAt' | 'occurredAt'>,
  relationships: readonly Relationship[],
): boolean {
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
    explanation: line.explanation.told,
  };
}

/**
 * Why a statement states a line that stood, or should have stood, on an earlier one; or that it was
 * agreed because of a claim.
 */
export type Adjustment = 'late' | 'changed' | 'withdrawn' | 'claim';

/** A line on a closed statement, as far as nothing tells of whom it is. */
export interface ClosedLineOnWire extends Omit<WithheldLine, 'reason'> {
  readonly reason: WithheldLine['reason'] | 'claim-accepted';
  readonly adjustment?: Adjustment;
  /** Of one that was agreed because of a claim: which, and the month that it is about. */
  readonly claim?: string;
  readonly month?: string;
}

/** What a closed statement states of a line: its fee, or by how much it is different now. */
export interface StatedLine {
  readonly lineId: LineId;
  readonly kind: string;
  readonly adjustment: Adjustment | null;
  readonly amountMinor: bigint;
  readonly month: string;
}

interface Telling {
  readonly currency: string;
  /** The line as it is now; undefined: withdrawn. */
  readonly line: AccrualLine | undefined;
  readonly isShown: boolean;
  readonly pairwise: Pairwise;
}

/**
 * The text of a line for good. One that tells of whom it is carries a salt, so that the hash that
 * is left of it, when it may be shown no more, says nothing.
 */
export function closedLineText(stated: StatedLine, made: Telling & { salt: string }): string {
  const told = statedOnWire(stated, made);
  return JSON.stringify(made.isShown ? { ...told, salt: made.salt } : told);
}

/** A line as a statement states it; only with the records behind it where these are shown. */
export function statedOnWire(
  stated: StatedLine,
  { line, isShown, pairwise, currency }: Telling,
): ClosedLineOnWire {
  const told: ClosedLineOnWire = {
    id: pairwise.idOf('fee-line', stated.lineId),
    reason: line?.because ?? reasonOf(stated),
    amount: moneyOf(stated.amountMinor, currency),
    ...(stated.adjustment && { adjustment: stated.adjustment }),
    ...(stated.kind === 'claim' && {
      claim: pairwise.idOf('claim', stated.lineId),
      month: stated.month,
    }),
  };
  if (!isShown) return told;
  return { ...(line ? shownLine(line, pairwise) : { month: stated.month }), ...told };
}

function reasonOf({ kind }: Pick<StatedLine, 'kind'>) {
  if (kind === 'claim') return 'claim-accepted';
  return kind === 'reversal' ? 'reversed' : 'earned';
}

/** What is left of a closed line that may be shown no more: its hash stands for its text. */
export function cutLineText(text: string): string {
  const { id, reason, amount, adjustment } = JSON.parse(text) as ClosedLineOnWire;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return JSON.stringify({ id, reason, amount, ...(adjustment && { adjustment }), sha256 });
}

/** JSON numbers are exact to 2^53 − 1; beyond it nothing is sent. */
export function moneyOf(minor: bigint, currency: string): Money {
  const amount = Number(minor);
  if (!Number.isSafeInteger(amount)) throw new RangeError('An amount is beyond 2^53 − 1.');
  return { amount, currency };
}
