import type { RecordId } from '../records/index.ts';
import { baseLeft, isThreshold, type Paid } from './reversal-rules.ts';

/** What the payments of one customer and service add up to, and what that earned. */
export interface ThresholdState {
  /** By currency: bases, less what was taken back. */
  readonly sums: Map<string, bigint>;
  /** What each payment counts in them. */
  readonly counted: Map<Paid, bigint>;
  /** The payment with which the threshold was reached, the only time that it earns. */
  earned: Paid | null;
  isReversed: boolean;
  /** All that was counted, the oldest first, and how much of it came before the fee was earned. */
  readonly history: Counted[];
  countedBefore: number;
  /** The disputes that are won by now. */
  readonly won: Set<RecordId>;
}

interface Counted {
  readonly paid: Paid;
  /** What a refund or dispute took of the payment; null where it settled. */
  readonly taken: { readonly refundId: RecordId; readonly minor: bigint } | null;
}

export function emptyThreshold(): ThresholdState {
  return {
    ...{ sums: new Map(), counted: new Map(), earned: null, isReversed: false },
    ...{ history: [], countedBefore: 0, won: new Set() },
  };
}

/** What a payment, a refund or a won dispute does to a fee per threshold. */
export interface ThresholdStep {
  readonly does: 'earn' | 'reverse' | 'restore';
  /** The payment that earned it. */
  readonly paid: Paid;
  readonly sumMinor: bigint;
  readonly thresholdMinor: bigint;
}

/**
 * Counts a payment as it stands now. The fee is earned when the sum reaches the threshold, never a
 * second time; it is reversed when the sum falls below, and restored once it never fell below but by
 * disputes that are won.
 */
export function countPayment(
  state: ThresholdState,
  paid: Paid,
  taken: { cause: 'refunded' | 'won'; refundId: RecordId; minor: bigint } | null,
): ThresholdStep | undefined {
  const { currency } = paid.earning.payment;
  const cause = taken?.cause ?? 'paid';
  if (taken?.cause === 'won') state.won.add(taken.refundId);
  else state.history.push({ paid, taken });
  const now = baseLeft(paid);
  const change = now - (state.counted.get(paid) ?? 0n);
  state.counted.set(paid, now);
  const sumMinor = (state.sums.get(currency) ?? 0n) + change;
  state.sums.set(currency, sumMinor);
  if (!state.earned) {
    const thresholdMinor = thresholdOf(paid);
    if (cause === 'refunded' || thresholdMinor === undefined) return undefined;
    if (sumMinor < thresholdMinor) return undefined;
    state.earned = paid;
    state.countedBefore = state.history.length;
    return { does: 'earn', paid, sumMinor, thresholdMinor };
  }
  const { earned } = state;
  const thresholdMinor = thresholdOf(earned);
  if (thresholdMinor === undefined || earned.earning.payment.currency !== currency)
    return undefined;
  const step = { paid: earned, sumMinor, thresholdMinor };
  if (cause === 'refunded' && !state.isReversed && sumMinor < thresholdMinor) {
    state.isReversed = true;
    return { ...step, does: 'reverse' };
  }
  if (cause === 'won' && state.isReversed && !fellBelow(state, earned, thresholdMinor)) {
    state.isReversed = false;
    return { ...step, does: 'restore' };
  }
  return undefined;
}

/** Whether the sum fell below the threshold after it earned, had the won disputes never been. */
function fellBelow(
  { history, countedBefore, won }: ThresholdState,
  { earning: { payment } }: Paid,
  thresholdMinor: bigint,
): boolean {
  const refunded = new Map<Paid, bigint>();
  return history.some(({ paid, taken }, at) => {
    if (taken && won.has(taken.refundId)) return false;
    if (paid.earning.payment.currency !== payment.currency) return false;
    refunded.set(paid, (refunded.get(paid) ?? 0n) + (taken?.minor ?? 0n));
    if (!taken || at < countedBefore) return false;
    const left = [...refunded].reduce(
      (sum, [{ earning }, refundedMinor]) => sum + baseLeft({ earning, refundedMinor }),
      0n,
    );
    return left < thresholdMinor;
  });
}

function thresholdOf({ earning }: Paid): bigint | undefined {
  const minor = earning.terms.flat?.thresholds?.[earning.payment.currency];
  return isThreshold(earning) && minor !== undefined ? BigInt(minor) : undefined;
}
