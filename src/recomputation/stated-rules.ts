import { minorOf, type GivenLine, type GivenStatement } from './given.ts';

/** What all statements together state of a line. */
export interface StatedFee {
  readonly id: string;
  readonly minor: bigint;
  /** Whether the last that is stated of it is an adjustment. */
  readonly isAdjusted: boolean;
}

/** Days, half open: on one of them a line became available. */
interface Days {
  readonly from: string;
  readonly until: string;
}

/** A line without customer or payment: anybody's. */
interface Withheld extends Days {
  readonly minor: bigint;
  readonly reason: Reason;
}
export type Reason = 'earned' | 'reversed';

/** What statements state, by payment and refund, and what they withhold. */
export interface Stated {
  readonly currency: string;
  /** The first day that no statement covers. */
  readonly until: string;
  readonly fees: ReadonlyMap<string, readonly StatedFee[]>;
  /** Payments and refunds that a line names. */
  readonly named: ReadonlySet<string>;
  /** The percentage of the line of a payment, as the last statement that states it tells it. */
  readonly rates: ReadonlyMap<string, StatedRate>;
  readonly withheld: WithheldLines;
}

export interface StatedRate {
  readonly percent: string | undefined;
  /** The place of that statement. */
  readonly at: number;
}

export const keyOf = (payment: string, refund: string | null | undefined): string =>
  `${payment} ${refund ?? ''}`;

/** A line is told by its id: what shows its records on one statement may leave them away on another. */
export function statedOf(statements: readonly GivenStatement[]): Stated {
  const lines = new Map<string, { key?: string; minor: bigint; last: GivenLine; days: Days }>();
  const [named, rates] = [new Set<string>(), new Map<string, StatedRate>()];
  for (const [at, { period, lines: own }] of statements.entries()) {
    for (const line of own) {
      const { id, payment, refund, adjustment, amount, ratePercent } = line;
      const days = adjustment ? { from: '', until: period.from } : period;
      const found = lines.get(id) ?? { minor: 0n, last: line, days };
      lines.set(id, found);
      found.minor += minorOf(amount);
      found.last = line;
      const [of = '', back = ''] = (found.key ?? keyOf(payment ?? '', refund)).split(' ');
      if (back === '') rates.set(of, { percent: ratePercent ?? undefined, at });
      if (payment === undefined) continue;
      found.key ??= keyOf(payment, refund);
      for (const record of [payment, refund]) if (record !== undefined) named.add(record);
    }
  }
  const fees = new Map<string, StatedFee[]>();
  const withheld: Withheld[] = [];
  for (const [id, { key, minor, last, days }] of lines) {
    if (key !== undefined) {
      const own = fees.get(key);
      const fee = { id, minor, isAdjusted: last.adjustment !== undefined };
      if (own) own.push(fee);
      else fees.set(key, [fee]);
      // What was taken back is no fee any more.
    } else if (last.adjustment !== 'withdrawn') {
      withheld.push({ minor, reason: last.reason === 'reversed' ? 'reversed' : 'earned', ...days });
    }
  }
  const { currency = '', period } = statements.at(-1) ?? {};
  const until = period?.until ?? '';
  return { currency, until, fees, named, rates, withheld: withheldLines(withheld) };
}

/** Lines that may be anybody's, as far as they may still be matched with what is expected. */
export interface WithheldLines {
  /** Whether one of them may have become available on one of these days, the last included. */
  readonly mayStand: (reason: Reason, first: string, last: string) => boolean;
  /** Finds one of an amount that became available on a day; each is found once. */
  readonly match: (reason: Reason, minor: bigint, day: string) => boolean;
}

function withheldLines(all: readonly Withheld[]): WithheldLines {
  // There are few statements: many lines share their days.
  const spans = new Map<string, Days & { reason: Reason }>();
  const byAmount = new Map<string, Withheld[]>();
  for (const one of all) {
    const { reason, from, until, minor } = one;
    spans.set(`${reason} ${from} ${until}`, { reason, from, until });
    const same = byAmount.get(`${reason} ${String(minor)}`);
    if (same) same.push(one);
    else byAmount.set(`${reason} ${String(minor)}`, [one]);
  }
  const known = [...spans.values()];
  return {
    mayStand: (reason, first, last) =>
      known.some((span) => span.reason === reason && span.from <= last && first < span.until),
    match: (reason, minor, day) => {
      const same = byAmount.get(`${reason} ${String(minor)}`) ?? [];
      const index = same.findIndex(({ from, until }) => from <= day && day < until);
      if (index >= 0) same.splice(index, 1);
      return index >= 0;
    },
  };
}
