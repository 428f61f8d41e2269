/** How an exact fraction becomes a whole number of minor units; symmetric for negatives. */
export type Rounding = 'half-even' | 'half-up' | 'down';

/** Rounds numerator ÷ denominator to a whole number. Throws RangeError unless denominator > 0. */
export function roundFraction(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  if (denominator <= 0n) throw new RangeError('The denominator must be positive.');
  const size = numerator < 0n ? -numerator : numerator;
  const whole = size / denominator;
  const twiceRest = (size % denominator) * 2n;
  const rounded = whole + (goesUp(whole, twiceRest, denominator, rounding) ? 1n : 0n);
  return numerator < 0n ? -rounded : rounded;
}

/**
 * Splits an amount by weights so that the parts add up to it: each its share rounded towards zero,
 * and what is left, unit by unit, to the largest remainders; of equal ones to the first. Throws
 * RangeError unless the weights are 0 or more and one is above 0.
 */
export function splitAmount(amount: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  if (sum <= 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError('Weights are 0 or more, and one is above 0.');
  }
  const sign = amount < 0n ? -1n : 1n;
  const size = amount * sign;
  const parts = weights.map((weight) => (size * weight) / sum);
  const rests = weights.map((weight, index) => ({ index, rest: (size * weight) % sum }));
  rests.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest < b.rest ? 1 : -1));
  const left = Number(size - parts.reduce((total, part) => total + part, 0n));
  for (const { index } of rests.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n;
  return parts.map((part) => part * sign);
}

function goesUp(whole: bigint, twiceRest: bigint, denominator: bigint, rounding: Rounding) {
  if (rounding === 'down') return false;
  if (twiceRest !== denominator) return twiceRest > denominator;
  return rounding === 'half-up' || whole % 2n === 1n;
}
