import type { FeeSources } from '../../src/earnings/index.ts';

/**
 * The same fees worked out in the slowest way: zones by their written rules, months day by day,
 * every refund from all refunds before it. Shares no code with the room.
 */
export function naiveFees(sources: FeeSources): Record<string, readonly unknown[]> {
  const found: Record<string, readonly unknown[]> = {};
  for (const payment of sources.payments) {
    const { settledAt } = payment;
    const paid = payment.amountMinor - payment.taxMinor;
    const relationships = sources.relationships
      .filter(
        (one) =>
          one.customerId === payment.customerId &&
          one.serviceId === payment.serviceId &&
          one.activatedAt !== null &&
          one.activatedAt <= settledAt &&
          one.openParts.some((p) => p.from <= settledAt && !(p.until && p.until <= settledAt)),
      )
      .map((one) => [one.attributedAt.toISOString() + one.id, one] as const)
      .sort();
    const version = [...sources.agreements]
      .filter(({ terms, validFrom, validUntil }) => {
        const day = naiveDay(settledAt, terms.timeZone);
        return day >= validFrom && !(validUntil && day >= validUntil);
      })
      .sort((a, b) => a.version - b.version)
      .at(-1);
    const fee = version?.terms.fee;
    const start = relationships[0]?.[1].activatedAt;
    const key = sources.serviceKeys.get(payment.serviceId)!;
    if (!version || !fee || !start || paid <= 0n) continue;
    const covered = version.terms.services === 'all' ? [key] : version.terms.services;
    if (!covered.includes(key)) continue;
    const zone = version.terms.timeZone;
    const day = naiveDay(settledAt, zone);
    const months = fee.durationMonths;
    if (months !== undefined && day >= monthsLater(naiveDay(start, zone), months)) continue;
    const agreed = fee.currencies.includes(payment.currency);
    const sign = version.terms.direction === 'receivable' ? -1n : 1n;
    const [whole = '', part = ''] = fee.ratePercent!.split('.');
    const millionths = BigInt(whole + part.padEnd(6, '0'));
    const earned = agreed ? sign * naiveRound(paid * millionths, 10n ** 8n, fee.rounding!) : 0n;
    const free = daysLater(day, fee.holdDays ?? 0);
    found[payment.recordId] = [day.slice(0, 7), free, payment.currency, earned];
    if (!agreed) continue;
    const inTime = sources.refunds.filter((one) => {
      if (one.paymentId !== payment.recordId) return false;
      const last = fee.clawbackDays === undefined ? '9999' : daysLater(day, fee.clawbackDays);
      return naiveDay(one.refundedAt, zone) <= last;
    });
    for (const one of inTime) {
      const refundDay = naiveDay(one.refundedAt, zone);
      const where = [refundDay.slice(0, 7), refundDay > free ? refundDay : free, one.currency];
      if (one.currency !== payment.currency) {
        found[one.recordId] = [...where, 0n];
        continue;
      }
      const order = (r: typeof one) => r.refundedAt.toISOString() + r.recordId;
      const same = inTime.filter(({ currency }) => currency === payment.currency);
      const reversedBy = (refunds: typeof inTime) => {
        const sum = refunds.reduce((total, r) => total + r.amountMinor - r.taxMinor, 0n);
        const share = sum < 0n ? 0n : sum > paid ? paid : sum;
        return naiveRound(earned * share, paid, fee.rounding!);
      };
      const now = reversedBy(same.filter((r) => order(r) <= order(one)));
      const before = reversedBy(same.filter((r) => order(r) < order(one)));
      found[one.recordId] = [...where, before - now];
    }
  }
  return found;
}

function naiveRound(numerator: bigint, denominator: bigint, rounding: string): bigint {
  if (numerator < 0n) return -naiveRound(-numerator, denominator, rounding);
  const floor = (numerator - (numerator % denominator)) / denominator;
  const above = numerator - floor * denominator;
  const below = denominator - above;
  if (rounding === 'down' || above < below) return floor;
  if (above > below) return floor + 1n;
  return rounding === 'half-up' || floor % 2n !== 0n ? floor + 1n : floor;
}

/** The zones' rules as they have been since 2021. */
export const naiveZones: Readonly<Record<string, (at: Date) => number>> = {
  UTC: () => 0,
  'Asia/Kolkata': () => 330,
  'Pacific/Apia': () => 780,
  'Europe/Berlin': (at) => (at >= sunday(at, 2, -1, 1) && at < sunday(at, 9, -1, 1) ? 120 : 60),
  'America/New_York': (at) =>
    at >= sunday(at, 2, 2, 7) && at < sunday(at, 10, 1, 6) ? -240 : -300,
};

export function naiveDay(at: Date, zone: string): string {
  const minutes = naiveZones[zone]!(at);
  return new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, 10);
}

/** The nth Sunday of a month (the last: −1) of the moment's year, at an hour in UTC. */
function sunday(at: Date, month: number, nth: number, hour: number): Date {
  const sundays = Array.from({ length: 31 }, (_, day) => day + 1)
    .map((day) => new Date(Date.UTC(at.getUTCFullYear(), month, day, hour)))
    .filter((day) => day.getUTCMonth() === month && day.getUTCDay() === 0);
  return sundays.at(nth < 0 ? nth : nth - 1)!;
}

function daysLater(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  for (let i = 0; i < days; i += 1) date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

/** Walks on day by day until the month is right, and then to the day or the month's end. */
function monthsLater(day: string, months: number): string {
  const [year = 0, month = 0] = day.split('-').map(Number);
  const wanted = year * 12 + (month - 1) + months;
  const name = `${Math.floor(wanted / 12)}-${String((wanted % 12) + 1).padStart(2, '0')}`;
  let found = day;
  while (!found.startsWith(name)) found = daysLater(found, 1);
  for (;;) {
    const next = daysLater(found, 1);
    if (found.slice(8) >= day.slice(8) || !next.startsWith(name)) return found;
    found = next;
  }
}
