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

function goesUp(whole: bigint, twiceRest: bigint, denominator: bigint, rounding: Rounding) {
  if (rounding === 'down') return false;
  if (twiceRest !== denominator) return twiceRest > denominator;
  return rounding === 'half-up' || whole % 2n === 1n;
}
