/** Exact fees are counted in hundred-millionths: a percentage of at most 6 decimals gives a whole number of them. */
const unit = 10n ** 8n;
const decimals = 6;

/** A percentage, in decimal digits, of a whole number of minor units: in hundred-millionths of one. */
export function percentOf(minor: bigint, percent: string): bigint {
  const [whole = '0', part = ''] = percent.split('.');
  if (part.length > decimals) throw new RangeError(`${percent} % has more than 6 decimals.`);
  return minor * BigInt(whole + part.padEnd(decimals, '0'));
}

type Rounding = 'half-even' | 'half-up' | 'down';

/** The nearest whole number of minor units. */
export const inMinor = (exact: bigint, mode: Rounding): bigint => rounded(exact, unit, mode);

/** The whole number nearest to over ÷ under: ties to the even one, away from zero, or always towards zero. */
export function rounded(over: bigint, under: bigint, mode: Rounding): bigint {
  const isNegative = over < 0n !== under < 0n;
  const [top, bottom] = [over < 0n ? -over : over, under < 0n ? -under : under];
  const whole = top / bottom;
  const twice = 2n * (top - whole * bottom);
  const isUp =
    mode !== 'down' &&
    (twice > bottom || (twice === bottom && (mode === 'half-up' || whole % 2n === 1n)));
  const size = isUp ? whole + 1n : whole;
  return isNegative ? -size : size;
}
