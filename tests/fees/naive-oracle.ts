import type { AccrualLine, FeePayment, FeeRefund, FeeSources } from '../../src/earnings/index.ts';

/** What a line says that money follows from. */
export type NaiveLine = readonly [
  payment: string,
  refund: string | null,
  at: string,
  month: string,
  availableOn: string,
  currency: string,
  base: bigint,
  fee: bigint,
  because: string | null,
];

export const naiveLineOf = (line: AccrualLine): NaiveLine => [
  line.paymentId,
  line.refundId,
  line.occurredAt.toISOString(),
  line.month,
  line.availableOn,
  line.currency,
  line.baseMinor,
  line.feeMinor,
  line.because,
];

/** A payment that the agreement looks at. */
interface Looked {
  readonly p: FeePayment;
  readonly id: string;
  readonly pair: string;
  readonly relationship: string;
  readonly version: FeeSources['agreements'][number];
  readonly fee: NonNullable<FeeSources['agreements'][number]['terms']['fee']>;
  readonly service: string;
  readonly zone: string;
  readonly day: string;
  readonly paid: bigint;
  readonly base: bigint;
  readonly sign: bigint;
  readonly agreed: boolean;
  readonly isFirst: boolean;
  readonly free: string;
}

/** One thing that happens to one payment: it settles, or a part of a refund comes or goes. */
interface Step {
  readonly key: string;
  readonly of: Looked;
  readonly minor: bigint;
  readonly at: Date;
  readonly refund: FeeRefund | null;
  readonly isWon: boolean;
}

/**
 * The same fees worked out in the slowest way: every question is answered from all that happened
 * before, zones by their written rules, months day by day, tiers by what each adds to the one below.
 * Shares no code with the room.
 */
export function naiveFees(sources: FeeSources): NaiveLine[] {
  const looked = lookedAt(sources);
  const steps = stepsOf(looked, sources.refunds);
  const refunded = (one: Looked, upTo: number) =>
    steps.slice(0, upTo + 1).reduce((n, s) => (s.of === one ? n + s.minor : n), 0n);
  const share = (one: Looked, upTo: number) => {
    const sum = refunded(one, upTo);
    return sum < 0n ? 0n : sum > one.paid ? one.paid : sum;
  };
  const placeOf = (one: Looked) => steps.findIndex((s) => s.of === one && !s.refund);

  /** Whether a refund since the fee was earned left too little, with all won disputes left out. */
  const wasLow = (
    pair: string,
    turned: readonly { at: number; does: string; who: Looked }[],
    now: number,
    { currency, bound }: { currency: string; bound: number },
  ) => {
    const begin = turned.find((t) => t.does === 'earn' && t.who.pair === pair)!.at;
    const won = steps.slice(0, now + 1).filter((s) => s.isWon).map((s) => s.refund!.recordId); // prettier-ignore
    const counts = (s: Step) => s.refund !== null && !won.includes(s.refund.recordId);
    return steps.some((low, at) => {
      if (at <= begin || at > now || !counts(low) || low.of.pair !== pair) return false;
      if (low.of.p.currency !== currency) return false;
      const left = looked
        .filter((q) => q.pair === pair && q.agreed && q.p.currency === currency)
        .filter((q) => placeOf(q) <= at)
        .map((q) => {
          const gone = steps.slice(0, at + 1).filter((s) => s.of === q && counts(s)).reduce((n, s) => n + s.minor, 0n); // prettier-ignore
          const part = gone < 0n ? 0n : gone > q.paid ? q.paid : gone;
          return q.base - naiveRound(q.base * part, q.paid, roundingOf(q));
        });
      return left.reduce((n, one) => n + one, 0n) < BigInt(bound);
    });
  };

  // Thresholds: what they earn and undo, and with which step.
  const turns: { at: number; does: 'earn' | 'reverse' | 'restore'; who: Looked }[] = [];
  for (const pair of new Set(looked.map((one) => one.pair))) {
    let who: Looked | undefined;
    let isBack = false;
    for (const [at, step] of steps.entries()) {
      if (step.of.pair !== pair) continue;
      const { currency } = step.of.p;
      const sum = looked
        .filter((q) => q.pair === pair && q.agreed && q.p.currency === currency)
        .filter((q) => placeOf(q) <= at)
        .reduce(
          (n, q) => n + q.base - naiveRound(q.base * share(q, at), q.paid, roundingOf(q)),
          0n,
        );
      const judge = who ?? step.of;
      const bound = judge.fee.flat?.per === 'threshold' ? judge.fee.flat.thresholds![judge.p.currency] : undefined; // prettier-ignore
      if (bound === undefined || judge.p.currency !== currency) continue;
      const reached = sum >= BigInt(bound);
      const takes = step.refund !== null && !step.isWon;
      if (!who && reached && !takes) turns.push({ at, does: 'earn', who: (who = step.of) });
      else if (who && !isBack && takes && !reached) {
        turns.push({ at, does: 'reverse', who });
        isBack = true;
      } else if (who && isBack && step.isWon && !wasLow(pair, turns, at, { currency, bound })) {
        turns.push({ at, does: 'restore', who });
        isBack = false;
      }
    }
  }

  const isThreshold = (one: Looked) => one.fee.flat?.per === 'threshold';
  /** With which step a payment's line is made; undefined where it has none. */
  const madeAt = (one: Looked): number | undefined => {
    if (!one.agreed) return undefined;
    if (isThreshold(one)) return turns.find((t) => t.does === 'earn' && t.who === one)?.at;
    return isLookedFor(one) ? placeOf(one) : undefined;
  };
  const nominal = (one: Looked): bigint => {
    const { flat, tiers, roundingLevel: level = 'payment' } = one.fee;
    if (flat) return BigInt(flat.amounts[one.p.currency]!);
    const group = looked.filter(
      (q) =>
        q.agreed &&
        isLookedFor(q) &&
        q.version === one.version &&
        q.day.slice(0, 7) === one.day.slice(0, 7) &&
        q.p.currency === one.p.currency &&
        (level !== 'customer-month' || q.p.customerId === one.p.customerId) &&
        (tiers !== undefined || level !== 'payment' || q === one),
    );
    const upTo = group.slice(0, group.indexOf(one) + 1);
    const fee = (some: Looked[]) => {
      const exact = tiers
        ? tiered(some, group, one)
        : some.reduce((n, q) => n + q.base * rateOf(q), 0n);
      return naiveRound(exact, 10n ** 8n, roundingOf(one));
    };
    return fee(upTo) - fee(upTo.slice(0, -1));
  };
  const tiered = (some: Looked[], group: Looked[], one: Looked): bigint => {
    const { mode, by, steps: bounds } = one.fee.tiers!;
    const sum = (all: Looked[]) => all.reduce((n, q) => n + q.base, 0n);
    const from = (i: number) => BigInt((by === 'base' ? bounds[i]!.from![one.p.currency] : bounds[i]!.fromActive)!); // prettier-ignore
    const rate = (i: number) => (i < 0 ? 0n : millionths(bounds[i]!.ratePercent));
    const total = by === 'base' ? sum(group) : activeAtEnd(sources, one);
    const B = sum(some);
    return bounds.reduce((n, _, i) => {
      const added = rate(i) - rate(i - 1);
      if (mode === 'graduated') return B > from(i) ? n + (B - from(i)) * added : n;
      return total >= from(i) ? n + B * added : n;
    }, 0n);
  };

  const known = new Map<Looked, bigint>();
  /** After its caps, without its sign. */
  const earned = (one: Looked): bigint => {
    const before = known.get(one);
    if (before !== undefined) return before;
    const at = madeAt(one)!;
    const net = (counts: (q: Looked) => boolean) =>
      looked
        .filter((q) => q.p.currency === one.p.currency && q.sign === one.sign && counts(q))
        .filter((q) => (madeAt(q) ?? at) < at)
        .reduce((n, q) => n + earned(q) - standing(q, at - 1), 0n);
    let fee = nominal(one);
    const limit = (cap: number | undefined, counts: (q: Looked) => boolean) => {
      if (cap === undefined) return;
      const room = BigInt(cap) - net(counts);
      if (fee > room) fee = room < 0n ? 0n : room;
    };
    limit(one.fee.capPerCustomer?.[one.p.currency], (q) => q.relationship === one.relationship);
    const period = (q: Looked) => naivePeriod(q.day, one.fee.period ?? 'month');
    limit(one.fee.capPerPeriod?.[one.p.currency], (q) => period(q) === period(one));
    known.set(one, fee);
    return fee;
  };
  /** What stands reversed after a step. */
  const standing = (one: Looked, upTo: number): bigint => {
    const fee = earned(one);
    if (isThreshold(one)) {
      const last = turns.findLast((t) => t.who === one && t.at <= upTo);
      return last?.does === 'reverse' ? fee : 0n;
    }
    const part = share(one, upTo);
    if (one.fee.flat && one.fee.flat.per !== 'payment') return part === one.paid ? fee : 0n;
    return naiveRound(fee * part, one.paid, roundingOf(one));
  };

  const lines: NaiveLine[] = [];
  const reversal = (one: Looked, step: Step, minor: bigint) => {
    const at = steps.indexOf(step);
    const fee = one.sign * (standing(one, at - 1) - standing(one, at));
    if (fee === 0n) return;
    lines.push([one.id, step.refund!.recordId, ...dates(one, step.at), one.p.currency, -minor, fee, null]); // prettier-ignore
  };
  for (const one of looked) {
    const { currency, settledAt } = one.p;
    if (!one.agreed) {
      if (!isLookedFor(one)) continue;
      lines.push([one.id, null, ...dates(one, settledAt), currency, one.base, 0n, 'currency-not-agreed']); // prettier-ignore
      continue;
    }
    const made = madeAt(one);
    if (made === undefined) continue;
    const at = steps[made]!.at;
    lines.push([one.id, null, ...dates(one, at), currency, one.base, one.sign * earned(one), null]);
    for (const step of steps) {
      if (step.refund && step.of === one && !isThreshold(one)) reversal(one, step, step.minor);
    }
    for (const turn of turns) {
      const step = steps[turn.at]!;
      if (turn.who === one && turn.does !== 'earn') reversal(one, step, step.minor);
    }
    for (const r of sources.refunds) {
      if (r.paymentId !== one.id || r.currency === currency || !isInTime(one, r)) continue;
      if (keyOf(r.refundedAt, 1, r, one) < steps[made]!.key) continue;
      const base = r.taxMinor - r.amountMinor;
      lines.push([one.id, r.recordId, ...dates(one, r.refundedAt), r.currency, base, 0n, 'refund-currency-differs']); // prettier-ignore
    }
  }
  return lines;
}

const roundingOf = (one: Looked): string => one.fee.rounding ?? 'half-even';
const rateOf = (one: Looked): bigint =>
  millionths(one.fee.serviceRates?.[one.service] ?? one.fee.ratePercent!);

function millionths(percent: string): bigint {
  const [whole = '', part = ''] = percent.split('.');
  return BigInt(whole + part.padEnd(6, '0'));
}

function isLookedFor({ fee, isFirst }: Looked): boolean {
  const onlyFirst =
    fee.of === 'first-payment' || ['activation', 'first-payment'].includes(fee.flat?.per ?? '');
  return isFirst || !onlyFirst;
}

function isActive(one: FeeSources['relationships'][number], at: Date): boolean {
  if (one.activatedAt === null || one.activatedAt > at) return false;
  return one.openParts.some((p) => p.from <= at && !(p.until && p.until <= at));
}

function lookedAt(sources: FeeSources): Looked[] {
  const order = (p: FeePayment) => p.settledAt.toISOString() + p.recordId;
  const seen = new Set<string>();
  const looked: Looked[] = [];
  for (const p of [...sources.payments].sort((a, b) => (order(a) < order(b) ? -1 : 1))) {
    const pair = `${p.customerId} ${p.serviceId}`;
    const [, relationship] =
      sources.relationships
        .filter((one) => `${one.customerId} ${one.serviceId}` === pair)
        .filter((one) => isActive(one, p.settledAt))
        .map((one) => [one.attributedAt.toISOString() + one.id, one] as const)
        .sort((a, b) => (a[0] < b[0] ? -1 : 1))[0] ?? [];
    if (!relationship) continue;
    const isFirst = !seen.has(pair) && p.amountMinor > 0n;
    if (p.amountMinor > 0n) seen.add(pair);
    const version = [...sources.agreements]
      .filter(({ terms, validFrom, validUntil }) => {
        const day = naiveDay(p.settledAt, terms.timeZone);
        // A version holds until the next begins, each in its own zone.
        const isFollowed = sources.agreements.some((next) => next.validFrom === validUntil);
        return day >= validFrom && (isFollowed || !(validUntil && day >= validUntil));
      })
      .sort((a, b) => a.version - b.version)
      .at(-1);
    const fee = version?.terms.fee;
    const service = sources.serviceKeys.get(p.serviceId)!;
    if (!version || !fee) continue;
    const covered = version.terms.services === 'all' ? [service] : version.terms.services;
    const paid = p.amountMinor - p.taxMinor;
    const base = (fee.less ?? []).reduce((n, part) => n - (p.parts[part] ?? 0n), paid);
    if (!covered.includes(service) || base <= 0n) continue;
    const zone = version.terms.timeZone;
    const day = naiveDay(p.settledAt, zone);
    const start = naiveDay(relationship.activatedAt!, zone);
    if (fee.durationMonths !== undefined && day >= monthsLater(start, fee.durationMonths)) continue;
    let free = daysLater(day, fee.holdDays ?? 0);
    while (fee.holdToMonthEnd && !daysLater(free, 1).endsWith('-01')) free = daysLater(free, 1);
    looked.push({
      ...{ p, id: p.recordId, pair, relationship: relationship.id, version, fee, service, zone },
      ...{ day, paid, base, sign: version.terms.direction === 'receivable' ? -1n : 1n },
      ...{ agreed: fee.currencies.includes(p.currency), isFirst, free },
    });
  }
  return looked;
}

function isInTime({ fee, day, zone }: Looked, refund: FeeRefund): boolean {
  if (fee.clawbackDays === undefined) return true;
  return naiveDay(refund.refundedAt, zone) <= daysLater(day, fee.clawbackDays);
}

/** The order of what happens: by moment, payments first, never before the payment that is named. */
function keyOf(at: Date, rank: number, of: { recordId: string }, named?: Looked): string {
  const moment = named && named.p.settledAt > at ? named.p.settledAt : at;
  return [moment.toISOString(), rank, at.toISOString(), of.recordId].join(' ');
}

function stepsOf(looked: readonly Looked[], refunds: readonly FeeRefund[]): Step[] {
  const plan: { key: string; of: Looked | undefined; refund: FeeRefund | null; at: Date; isWon: boolean }[] = []; // prettier-ignore
  for (const one of looked) {
    const of = one;
    const at = of.p.settledAt;
    if (of.agreed) plan.push({ key: keyOf(at, 0, of.p), of, refund: null, at, isWon: false });
  }
  for (const refund of refunds) {
    const of = looked.find(({ id }) => id === refund.paymentId);
    const at = refund.refundedAt;
    plan.push({ key: keyOf(at, 1, refund, of), of, refund, at, isWon: false });
    if (refund.kind !== 'dispute' || !refund.wonAt) continue;
    const late = refund.wonAt < at ? { p: { settledAt: at } } : undefined;
    const won = keyOf(refund.wonAt, 2, refund, (of && refund.wonAt < of.p.settledAt ? of : late) as Looked | undefined); // prettier-ignore
    plan.push({ key: won, of, refund, at: refund.wonAt, isWon: true });
  }
  plan.sort((a, b) => (a.key < b.key ? -1 : 1));
  const steps: Step[] = [];
  for (const { key, of, refund, at, isWon } of plan) {
    const add = (to: Looked, minor: bigint) =>
      steps.push({ key, of: to, minor, at, refund, isWon });
    if (!refund) {
      add(of!, 0n);
      continue;
    }
    if (isWon) {
      for (const s of steps.filter((one) => one.refund === refund && !one.isWon))
        add(s.of, -s.minor);
      continue;
    }
    let left = refund.amountMinor - refund.taxMinor;
    if (refund.paymentId !== null) {
      const fits = of && of.agreed && of.p.currency === refund.currency && isInTime(of, refund);
      if (fits) add(of, left);
      continue;
    }
    const pair = `${refund.customerId} ${refund.serviceId}`;
    for (const one of [...steps].reverse()) {
      if (one.refund || one.of.pair !== pair || one.of.p.currency !== refund.currency) continue;
      if (!isLookedFor(one.of) || !isInTime(one.of, refund)) continue;
      const sum = steps.reduce((n, s) => (s.of === one.of ? n + s.minor : n), 0n);
      const open = one.of.paid - (sum < 0n ? 0n : sum > one.of.paid ? one.of.paid : sum);
      const minor = open < left ? open : left;
      if (minor > 0n) add(one.of, minor);
      if (minor > 0n) left -= minor;
    }
  }
  return steps;
}

function dates({ zone, free }: Looked, at: Date): [string, string, string] {
  const day = naiveDay(at, zone);
  return [at.toISOString(), day.slice(0, 7), day > free ? day : free];
}

function naivePeriod(day: string, period: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  if (period === 'month') return year + month;
  if (period === 'half-month') return year + month + (Number(date) > 15 ? 'b' : 'a');
  return (
    year +
    String(['01 02 03', '04 05 06', '07 08 09', '10 11 12'].findIndex((q) => q.includes(month)))
  );
}

/** Relationships of covered services that were active in the last millisecond of the month. */
function activeAtEnd(sources: FeeSources, { version, day, zone }: Looked): bigint {
  const next = monthsLater(`${day.slice(0, 7)}-01`, 1);
  const near = Date.parse(`${next}T00:00:00Z`);
  const last = Array.from({ length: 121 }, (_, i) => new Date(near + (i - 60) * 900_000 - 1))
    .filter((at) => naiveDay(at, zone) < next)
    .at(-1)!;
  const { services } = version.terms;
  return BigInt(
    sources.relationships.filter(
      (one) =>
        isActive(one, last) &&
        (services === 'all' || services.includes(sources.serviceKeys.get(one.serviceId)!)),
    ).length,
  );
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
