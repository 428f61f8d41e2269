import type { PartnerId } from '../partners/index.ts';
import { monthOf } from '../platform/calendar-days.ts';
import { localDay } from '../platform/local-days.ts';
import { uuidOf } from '../platform/uuid.ts';
import type { RecordId } from '../records/index.ts';
import type { AccrualLine, FeeRefund, LineId } from './accrual.ts';
import { countTowardsCaps, cutFee, type Nets } from './cap-rules.ts';
import { earningsOf, pairOf, type Earning, type EarningWorld } from './earning-rules.ts';
import { eventsOf } from './event-rules.ts';
import { explainAccrual } from './explanation-rules.ts';
import { isCandidate, nominalFees, type Nominal } from './nominal-rules.ts';
import {
  availableOn,
  daysTo,
  isClawedBack,
  isThreshold,
  netOf,
  reversedToDate,
  spreadCredit,
  type EarnedLine,
  type Paid,
  type Taken,
} from './reversal-rules.ts';
import { explainReversal, type ReversalStep } from './reversal-explanation-rules.ts';
import {
  countPayment,
  emptyThreshold,
  type ThresholdState,
  type ThresholdStep,
} from './threshold-rules.ts';

/** Everything that the fees of one partner follow from, in any order. */
export interface FeeSources extends EarningWorld {
  readonly partnerId: PartnerId;
  readonly refunds: readonly FeeRefund[];
}

/**
 * What a partner's payments earn and their refunds take back, in the order (moment, id). The lines
 * follow from the sources alone: neither their order nor the host's clock or zone matters.
 */
export function accrue(sources: FeeSources): AccrualLine[] {
  return inOrder([...accrueEach(sources)]);
}

/** The same lines one by one, as they come about: of very many not all are in memory at once. */
export function* accrueEach(sources: FeeSources): Generator<AccrualLine, void, undefined> {
  const earnings = earningsOf(sources);
  const walk: Walk = {
    partnerId: sources.partnerId,
    nominal: nominalFees(earnings, sources),
    lines: [],
    paid: new Map(),
    histories: new Map(),
    thresholds: new Map(),
    taken: new Map(),
    nets: new Map(),
  };
  for (const event of eventsOf(earnings, sources.refunds)) {
    if (event.kind === 'paid') pay(walk, event.earning);
    else if (event.kind === 'refunded') takeBack(walk, event.refund);
    else giveBack(walk, event.refund, event.wonAt);
    yield* walk.lines.splice(0);
  }
}

/** Where the walk over a partner's events stands. */
interface Walk {
  readonly partnerId: PartnerId;
  readonly nominal: ReadonlyMap<RecordId, Nominal>;
  /** What the event under way brought about. */
  readonly lines: AccrualLine[];
  readonly paid: Map<RecordId, Paid>;
  /** By customer and service, the oldest first. */
  readonly histories: Map<string, Paid[]>;
  readonly thresholds: Map<string, ThresholdState>;
  /** What each refund took of which payments. */
  readonly taken: Map<RecordId, readonly Taken[]>;
  readonly nets: Nets;
}

function pay(walk: Walk, earning: Earning): void {
  const { payment, isAgreed } = earning;
  if (!isAgreed) {
    if (isCandidate(earning)) walk.lines.push(withoutFee(walk, earning));
    return;
  }
  const paid: Paid = { earning, refundedMinor: 0n, line: null, reversedMinor: 0n };
  walk.paid.set(payment.recordId, paid);
  const pair = pairOf(payment);
  const history = walk.histories.get(pair);
  if (history) history.push(paid);
  else walk.histories.set(pair, [paid]);
  const nominal = walk.nominal.get(payment.recordId);
  if (nominal) earn(walk, paid, nominal, payment.settledAt);
  follow(walk, countPayment(thresholdOf(walk, pair), paid, null), payment.settledAt, null);
}

/** Adds the line of a fee, cut by its caps. */
function earn(walk: Walk, paid: Paid, nominal: Nominal, at: Date): void {
  const { earning } = paid;
  const { feeMinor, cut } = cutFee(nominal.feeMinor, earning, walk.nets);
  countTowardsCaps(walk.nets, earning, feeMinor);
  const { basis } = nominal;
  paid.line = {
    ...lineOf(walk, earning, at),
    feeMinor: feeMinor * signOf(earning),
    ratePercent:
      basis.by === 'percent' || basis.by === 'level'
        ? basis.ratePercent
        : basis.by === 'volume'
          ? basis.tier.ratePercent
          : null,
  };
  const explanation = explainAccrual(earning, { nominal, feeMinor, cut });
  walk.lines.push({ ...paid.line, explanation });
}

function withoutFee(walk: Walk, earning: Earning): AccrualLine {
  const { terms, serviceKey, payment } = earning;
  return {
    ...lineOf(walk, earning, payment.settledAt),
    ratePercent: terms.serviceRates?.[serviceKey] ?? terms.ratePercent ?? null,
    because: 'currency-not-agreed',
    explanation: explainAccrual(earning, null),
  };
}

function lineOf({ partnerId }: Walk, earning: Earning, at: Date): Omit<EarnedLine, 'ratePercent'> {
  const { payment, agreement, rounding, baseMinor } = earning;
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
    occurredAt: at,
    month: monthOf(localDay(at, agreement.terms.timeZone)),
    availableOn: laterOf(availableOn(earning), daysTo(earning, at).on),
    currency: payment.currency,
    baseMinor,
    feeMinor: 0n,
    rounding,
    agreementVersion: agreement.version,
    because: null,
  };
}

/** A refund, a dispute that is opened, or a credit: takes back inside the clawback days. */
function takeBack(walk: Walk, refund: FeeRefund): void {
  const at = refund.refundedAt;
  const taken = takenBy(walk, refund);
  walk.taken.set(refund.recordId, taken);
  for (const { paid, minor } of taken) {
    paid.refundedMinor += minor;
    change(walk, { paid, minor }, { refund, at, event: refund.paymentId ? refund.kind : 'credit' });
  }
}

/** A dispute that is won gives back what it took, once. */
function giveBack(walk: Walk, refund: FeeRefund, wonAt: Date): void {
  const taken = walk.taken.get(refund.recordId) ?? [];
  for (const { paid, minor } of taken) {
    paid.refundedMinor -= minor;
    change(walk, { paid, minor: -minor }, { refund, at: wonAt, event: 'won' });
  }
}

function takenBy(walk: Walk, refund: FeeRefund): readonly Taken[] {
  const minor = netOf(refund);
  if (refund.paymentId === null) {
    return spreadCredit(refund, walk.histories.get(pairOf(refund)) ?? []);
  }
  const paid = walk.paid.get(refund.paymentId);
  if (!paid || !isClawedBack(paid.earning, refund.refundedAt)) return [];
  if (refund.currency === paid.earning.payment.currency) return [{ paid, minor }];
  if (paid.line) walk.lines.push(otherCurrency(walk, paid.line, paid, refund));
  return [];
}

type Cause = Pick<ReversalStep, 'refund' | 'at' | 'event'>;

/** Reverses, or restores, what is due now on a payment's line. */
function change(walk: Walk, { paid, minor }: Taken, cause: Cause): void {
  const { earning, line } = paid;
  if (!isThreshold(earning) && line) {
    const reversedBefore = paid.reversedMinor;
    const reversedNow = reversedToDate(paid);
    reverse(walk, { paid, line, minor, to: reversedNow }, cause, {
      by: 'share',
      feeMinor: line.feeMinor,
      refundedMinor: paid.refundedMinor,
      reversedBefore,
      reversedNow,
    });
  }
  const state = thresholdOf(walk, pairOf(earning.payment));
  const step = countPayment(state, paid, {
    cause: cause.event === 'won' ? 'won' : 'refunded',
    refundId: cause.refund.recordId,
    minor,
  });
  follow(walk, step, cause.at, { cause, minor });
}

/** Does what a threshold that is reached, missed or reached again demands. */
function follow(
  walk: Walk,
  step: ThresholdStep | undefined,
  at: Date,
  undone: { cause: Cause; minor: bigint } | null,
): void {
  if (!step) return;
  const { does, paid, sumMinor, thresholdMinor } = step;
  if (does === 'earn') {
    const { terms, payment } = paid.earning;
    const feeMinor = BigInt(terms.flat?.amounts[payment.currency] ?? 0);
    const basis = { by: 'threshold', reachedMinor: sumMinor, thresholdMinor } as const;
    earn(walk, paid, { feeMinor, basis }, at);
    return;
  }
  const { line } = paid;
  if (!line || !undone) return;
  const to = does === 'reverse' ? line.feeMinor : 0n;
  reverse(walk, { paid, line, minor: undone.minor, to }, undone.cause, {
    by: 'threshold',
    feeMinor: line.feeMinor,
    sumMinor,
    thresholdMinor,
  });
}

/** Adds the line that makes `to` stand reversed. */
function reverse(
  walk: Walk,
  { paid, line, minor, to }: { paid: Paid; line: EarnedLine; minor: bigint; to: bigint },
  cause: Cause,
  share: NonNullable<ReversalStep['share']>,
): void {
  const feeMinor = paid.reversedMinor - to;
  // Nothing of the fee changes: a line of nothing would only tell that there was a refund.
  if (feeMinor === 0n) return;
  paid.reversedMinor = to;
  countTowardsCaps(walk.nets, paid.earning, feeMinor * signOf(paid.earning));
  const step = { ...cause, ...daysTo(paid.earning, cause.at), minor, share };
  walk.lines.push(reversalOf(walk, line, paid.earning, { ...step, feeMinor }));
}

function otherCurrency(
  walk: Walk,
  line: EarnedLine,
  { earning }: Paid,
  refund: FeeRefund,
): AccrualLine {
  const at = refund.refundedAt;
  const minor = refund.amountMinor - refund.taxMinor;
  const step = { refund, at, event: refund.kind, minor, share: null, feeMinor: 0n };
  return reversalOf(walk, line, earning, { ...step, ...daysTo(earning, at) });
}

function reversalOf(
  { partnerId }: Walk,
  line: EarnedLine,
  earning: Earning,
  step: ReversalStep & { feeMinor: bigint },
): AccrualLine {
  const { refund, on, at, share, event } = step;
  const names = [line.paymentId, refund.recordId, ...(event === 'won' ? ['won'] : [])];
  return {
    ...line,
    lineId: lineIdOf(partnerId, ...names),
    kind: 'reversal',
    refundId: refund.recordId,
    reversesLineId: line.lineId,
    occurredAt: at,
    month: monthOf(on),
    availableOn: laterOf(line.availableOn, on),
    currency: refund.currency,
    baseMinor: -step.minor,
    feeMinor: step.feeMinor,
    because: share ? null : 'refund-currency-differs',
    explanation: explainReversal(earning, step),
  };
}

function thresholdOf(walk: Walk, pair: string): ThresholdState {
  const known = walk.thresholds.get(pair) ?? emptyThreshold();
  walk.thresholds.set(pair, known);
  return known;
}

function signOf({ agreement }: Earning): bigint {
  return agreement.terms.direction === 'payable' ? 1n : -1n;
}

function laterOf(a: string, b: string): string {
  return a > b ? a : b;
}

function lineIdOf(partnerId: PartnerId, ...names: readonly string[]): LineId {
  return uuidOf('fee-line', partnerId, ...names) as LineId;
}

/** Lines in the order (moment, id); a reversal never stands before the line that it takes back. */
export function inOrder(lines: readonly AccrualLine[]): AccrualLine[] {
  const nameOf = (line: AccrualLine) =>
    `${line.kind} ${line.refundId ?? line.paymentId} ${line.lineId}`;
  return [...lines].sort(
    (a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
}
