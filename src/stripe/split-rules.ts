import { currencyDecimals } from '../platform/currencies.ts';
import { roundFraction } from '../platform/rounding.ts';

/**
 * Decimals of Stripe's amounts where they are not those of ISO 4217: kept for compatibility (ISK and
 * UGX have had none for years, their amounts two), or as they are spent (MGA).
 */
const ownDecimals: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

/** An amount of Stripe's in ISO 4217 minor units, half to even; undefined for an unknown currency. */
export function minorOfStripe(amount: number, currency: string): number | undefined {
  const decimals = currencyDecimals(currency);
  if (decimals === undefined) return undefined;
  const shift = decimals - (ownDecimals[currency] ?? decimals);
  const [up, down] = [10n ** BigInt(Math.max(shift, 0)), 10n ** BigInt(Math.max(-shift, 0))];
  const minor = Number(roundFraction(BigInt(amount) * up, down, 'half-even'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/**
 * Splits an amount in proportion to weights, to the unit: each gets its share rounded down, and what
 * is left goes by the largest remainder, of equal ones to the first. No share is above its weight
 * where the amount is not above their sum. Undefined where there is no weight.
 */
export function splitAmount(amount: bigint, weights: readonly bigint[]): bigint[] | undefined {
  const sum = weights.reduce((one, other) => one + other, 0n);
  if (sum <= 0n || weights.some((weight) => weight < 0n)) return undefined;
  const shares = weights.map((weight, index) => {
    const exact = amount * weight;
    return { index, whole: exact / sum, rest: exact % sum };
  });
  const left = amount - shares.reduce((total, { whole }) => total + whole, 0n);
  const byRest = [...shares].sort((one, other) =>
    one.rest === other.rest ? one.index - other.index : one.rest > other.rest ? -1 : 1,
  );
  const oneMore = new Set(byRest.slice(0, Number(left)).map(({ index }) => index));
  return shares.map(({ index, whole }) => whole + (oneMore.has(index) ? 1n : 0n));
}

/** The part of `whole` that goes with `part` of `of`, half up, so that parts never outgrow each other. */
export function partOf(whole: bigint, part: bigint, of: bigint): bigint {
  return of === 0n ? 0n : roundFraction(whole * part, of, 'half-up');
}
