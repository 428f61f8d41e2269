import type { GivenLine, GivenStatement, Received } from './given.ts';
import { problemsOfTax } from './tax-rules.ts';
import { walk, type Recomputed } from './walk-rules.ts';
import { minorOf, payableOf, type Paid } from './world-rules.ts';

/** A fee on which statements and records do not agree. Amounts in minor units of the currency. */
export interface FeeDifference {
  /** The lines that state it; empty: none does. */
  readonly lines: readonly string[];
  readonly payment: string;
  readonly refund: string | null;
  readonly statedMinor: bigint;
  readonly recomputedMinor: bigint;
}

/** What a recomputation of statements came to. */
export interface FeeVerdict {
  readonly agrees: boolean;
  /** Fees that were recomputed from the records, and came out as stated. */
  readonly recomputed: number;
  readonly differences: readonly FeeDifference[];
  /** Lines whose records are not the partner's to see any more: their amounts are taken as stated. */
  readonly withheld: { readonly count: number; readonly minor: bigint };
  /** Statements whose figures do not add up, or whose tax is not the agreed one, in sentences. */
  readonly problems: readonly string[];
}

/**
 * Computes the fees of a partner from what the partner API sent it, by a calculation of its own, and
 * holds the statements of one currency against it: all of them up to the last that is given. Payments
 * that settled in one moment and share a running total are compared by their sum: in which order they
 * came is not told.
 */
export function recomputeFees(received: Received): FeeVerdict {
  const { statements } = received;
  const [currency = '', until = ''] = [statements[0]?.currency, statements.at(-1)?.period.until];
  const lines = statements.flatMap((statement) => statement.lines);
  const shown = lines.filter((line) => line.payment !== undefined);
  const hidden = lines.filter((line) => line.payment === undefined);
  const stated = statedFees(shown);
  const payments = payableOf(received);
  const tierOf = tiersAsStated(shown);
  const compute = (known: ReadonlyMap<string, bigint>) => {
    const { refunds } = received;
    const all = walk({ payments, refunds, tierOf, stated: known });
    return all.filter((one) => one.currency === currency && one.availableOn < until);
  };
  const settled = sumsOfTies(compute(new Map()), stated);
  const due = feesOf(compute(settledBefore(payments, settled)));
  const keys = new Set([...stated.keys(), ...due.keys()]);
  const differences: FeeDifference[] = [];
  for (const key of keys) {
    const [payment = '', refund = ''] = key.split(' ');
    const statedMinor = stated.get(key)?.minor ?? 0n;
    const recomputedMinor = due.get(key) ?? 0n;
    if (statedMinor === recomputedMinor) continue;
    const names = stated.get(key)?.lines ?? [];
    differences.push({
      lines: names,
      payment,
      refund: refund || null,
      statedMinor,
      recomputedMinor,
    });
  }
  const problems = statements.flatMap((one, i) => [
    ...problemsOf(one, statements[i - 1]),
    ...problemsOfTax(one, statements.slice(0, i), received.agreements),
  ]);
  return {
    agrees: differences.length === 0 && problems.length === 0,
    recomputed: keys.size - differences.length,
    differences,
    withheld: { count: hidden.length, minor: sumOf(hidden) },
    problems,
  };
}

interface Stated {
  minor: bigint;
  readonly lines: string[];
}

const keyOf = (payment: string, refund: string | null | undefined) => `${payment} ${refund ?? ''}`;

/** What all statements together state of each payment and refund. */
function statedFees(lines: readonly GivenLine[]): Map<string, Stated> {
  const found = new Map<string, Stated>();
  for (const { id, payment = '', refund, amount } of lines) {
    const key = keyOf(payment, refund);
    const known = found.get(key) ?? { minor: 0n, lines: [] };
    found.set(key, known);
    known.minor += minorOf(amount);
    if (!known.lines.includes(id)) known.lines.push(id);
  }
  return found;
}

function feesOf(lines: readonly Recomputed[]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const { payment, refund, minor } of lines) {
    const key = keyOf(payment, refund);
    found.set(key, (found.get(key) ?? 0n) + minor);
  }
  return found;
}

/** Of payments of one moment whose stated fees add up to what they must: those fees, with their sign. */
function sumsOfTies(
  lines: readonly Recomputed[],
  stated: ReadonlyMap<string, Stated>,
): Map<string, bigint> {
  const ties = new Map<string, Recomputed[]>();
  for (const line of lines) {
    if (line.tie === null || line.refund !== null) continue;
    const tied = ties.get(line.tie);
    if (tied) tied.push(line);
    else ties.set(line.tie, [line]);
  }
  const found = new Map<string, bigint>();
  for (const tied of ties.values()) {
    const fees = tied.map(({ payment }) => stated.get(keyOf(payment, null))?.minor);
    const sum = tied.reduce((total, { minor }) => total + minor, 0n);
    if (fees.includes(undefined) || fees.reduce<bigint>((a, b) => a + (b ?? 0n), 0n) !== sum)
      continue;
    tied.forEach(({ payment }, i) => found.set(payment, fees[i] ?? 0n));
  }
  return found;
}

/** The same before the sign of their agreement's direction. */
function settledBefore(payments: readonly Paid[], settled: Map<string, bigint>) {
  const found = new Map<string, bigint>();
  for (const { given, agreement } of payments) {
    const minor = settled.get(given.id);
    if (minor === undefined) continue;
    found.set(given.id, agreement.terms.direction === 'payable' ? minor : -minor);
  }
  return found;
}

/** The percentage at which the lines of a payment are stated, for tiers by relationships. */
function tiersAsStated(lines: readonly GivenLine[]): (paid: Paid) => string | undefined {
  const rates = new Map(lines.map(({ payment, ratePercent }) => [payment, ratePercent]));
  return ({ given, fee }) => {
    const rate = rates.get(given.id);
    return fee.tiers?.steps.find(({ ratePercent }) => ratePercent === rate)?.ratePercent;
  };
}

function sumOf(lines: readonly GivenLine[]): bigint {
  return lines.reduce((sum, { amount }) => sum + minorOf(amount), 0n);
}

/** Where the figures of a statement do not add up, or do not go on from the one before. */
function problemsOf(statement: GivenStatement, before: GivenStatement | undefined): string[] {
  const { id, opening, accrued, reversed, adjusted, tax, closing } = statement;
  const { payout, forfeited, carriedForward, lines } = statement;
  const sums: readonly (readonly [string, bigint, bigint])[] = [
    ['its lines', sumOf(lines), minorOf(accrued) + minorOf(reversed) + minorOf(adjusted)],
    [
      tax
        ? 'opening, accrued, reversed, adjusted and tax'
        : 'opening, accrued, reversed and adjusted',
      minorOf(opening) + minorOf(accrued) + minorOf(reversed) + minorOf(adjusted) + minorOf(tax),
      minorOf(closing),
    ],
    [
      'payout, forfeited and carried forward',
      minorOf(payout) + minorOf(forfeited) + minorOf(carriedForward),
      minorOf(closing),
    ],
    [
      'its opening balance',
      minorOf(opening),
      before ? minorOf(before.carriedForward) : minorOf(opening),
    ],
  ];
  return sums
    .filter(([, one, other]) => one !== other)
    .map(([what, one, other]) => `${id}: ${what} come to ${String(one)}, not ${String(other)}.`);
}
