// Exact numbers and days, as a partner computes them: shared with nothing of the gateway.

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

const dayMs = 86_400_000;
const known = new Map<string, Intl.DateTimeFormat>();

/** Since 1973 zones are whole quarters of an hour off: all moments of a quarter fall on one day. */
const quarterMs = 900_000;
const quartersSince = Date.UTC(1973, 0) / quarterMs;
const daysOf = new Map<string, Map<number, string>>();
const daysAtMost = 100_000;

/** The calendar day, YYYY-MM-DD, on which a moment falls in a time zone. */
export function dayOf(moment: string, timeZone: string): string {
  const quarter = Math.floor(Date.parse(moment) / quarterMs);
  const days = daysOf.get(timeZone) ?? new Map<number, string>();
  const found = days.get(quarter);
  if (found !== undefined) return found;
  const day = formatted(moment, timeZone);
  if (days.size >= daysAtMost) days.clear();
  if (quarter >= quartersSince) days.set(quarter, day);
  daysOf.set(timeZone, days);
  return day;
}

function formatted(moment: string, timeZone: string): string {
  const format =
    known.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    });
  known.set(timeZone, format);
  const parts = new Map(format.formatToParts(new Date(moment)).map((one) => [one.type, one.value]));
  return `${(parts.get('year') ?? '').padStart(4, '0')}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
}

const countOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / dayMs;
const textOf = (count: number) => new Date(count * dayMs).toISOString().slice(0, 10);

export const daysAfter = (day: string, days: number): string => textOf(countOf(day) + days);
export const daysFrom = (first: string, second: string): number => countOf(second) - countOf(first);

/** The same day so many months later, or the last of that month where it has no such day. */
export function monthsAfter(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = lastOfMonth(first.toISOString().slice(0, 10));
  return `${last.slice(0, 8)}${String(Math.min(date, Number(last.slice(8)))).padStart(2, '0')}`;
}

export function lastOfMonth(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}
