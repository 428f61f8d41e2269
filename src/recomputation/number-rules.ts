/** An exact number: over ÷ under. */
export interface Ratio {
  readonly over: bigint;
  readonly under: bigint;
}

export const ratio = (over: bigint, under = 1n): Ratio => ({ over, under });
export const plus = (a: Ratio, b: Ratio): Ratio =>
  ratio(a.over * b.under + b.over * a.under, a.under * b.under);

/** A percentage in decimal digits of a whole number of minor units. */
export function percentOf(minor: bigint, percent: string): Ratio {
  const [whole = '0', part = ''] = percent.split('.');
  return ratio(minor * BigInt(whole + part), 100n * 10n ** BigInt(part.length));
}

/** The nearest whole number: ties to the even one, away from zero, or always towards zero. */
export function rounded({ over, under }: Ratio, mode: 'half-even' | 'half-up' | 'down'): bigint {
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
