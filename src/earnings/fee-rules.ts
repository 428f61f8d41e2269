import type { FeeTerms } from '../agreements/index.ts';
import { roundFraction, type Rounding } from '../platform/rounding.ts';

/** A percentage as an exact fraction: percent = numerator ÷ denominator. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Reads a rate in percent from a decimal string such as "12.5": at most 6 decimals, not negative.
 * Throws RangeError for any other text, so that no float ever becomes a rate.
 */
export function parseRate(text: string): Rate {
  const match = /^(0|[1-9]\d{0,8})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) {
    throw new RangeError(`"${text}" is not a rate in percent with at most 6 decimals.`);
  }
  const decimals = match[2] ?? '';
  return {
    numerator: BigInt(`${match[1] ?? ''}${decimals}`),
    denominator: 10n ** BigInt(decimals.length),
  };
}

/** An exact fee is counted in hundred-millionths of a minor unit: every rate then gives a whole number. */
export const exactUnit = 10n ** 8n;

/** base × rate ÷ 100, exactly, in hundred-millionths of the base's minor units. */
export function exactFee(baseMinor: bigint, ratePercent: string): bigint {
  const { numerator, denominator } = parseRate(ratePercent);
  return (baseMinor * numerator * (exactUnit / 100n)) / denominator;
}

/** An exact fee rounded to minor units. */
export function roundExact(exact: bigint, rounding: Rounding): bigint {
  return roundFraction(exact, exactUnit, rounding);
}

/** An exact fee as a decimal text, the point moved `decimals` further places to the left. */
export function exactText(exact: bigint, decimals = 0): string {
  const places = 8 + decimals;
  const digits = String(exact).padStart(places + 1, '0');
  const part = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (part === '' ? '' : `.${part}`);
}

/** A tier for one currency, or for the number of active relationships: from `from` on, at its rate. */
export interface Tier {
  readonly from: bigint;
  readonly ratePercent: string;
}

/** The tiers of terms for a currency, the lowest first. */
export function tiersOf({ tiers }: FeeTerms, currency: string): Tier[] {
  return (tiers?.steps ?? []).map(({ from, fromActive, ratePercent }) => ({
    from: BigInt((tiers?.by === 'base' ? from?.[currency] : fromActive) ?? 0),
    ratePercent,
  }));
}

/** F(B): each part of a month's base at the rate of the tier that it lies in, exactly. */
export function graduatedFee(baseMinor: bigint, tiers: readonly Tier[]): bigint {
  return tiers.reduce((exact, { from, ratePercent }, index) => {
    const end = tiers[index + 1]?.from;
    const until = end === undefined || baseMinor < end ? baseMinor : end;
    return until > from ? exact + exactFee(until - from, ratePercent) : exact;
  }, 0n);
}

/** The tier that holds a number: its lower bound belongs to it. */
export function tierAt(number: bigint, tiers: readonly Tier[]): Tier {
  const tier = tiers.findLast(({ from }) => from <= number) ?? tiers[0];
  if (!tier) throw new RangeError('There is no tier.');
  return tier;
}
