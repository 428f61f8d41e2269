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
}

export function emptyThreshold(): ThresholdState {
  return { sums: new Map(), counted: new Map(), earned: null, isReversed: false };
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
 * second time; it is reversed when the sum falls below, and restored when a dispute that is won
 * brings it back.
 */
export function countPayment(
  state: ThresholdState,
  paid: Paid,
  cause: 'paid' | 'refunded' | 'won',
): ThresholdStep | undefined {
  const { currency } = paid.earning.payment;
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
  if (cause === 'won' && state.isReversed && sumMinor >= thresholdMinor) {
    state.isReversed = false;
    return { ...step, does: 'restore' };
  }
  return undefined;
}

function thresholdOf({ earning }: Paid): bigint | undefined {
  const minor = earning.terms.flat?.thresholds?.[earning.payment.currency];
  return isThreshold(earning) && minor !== undefined ? BigInt(minor) : undefined;
}
