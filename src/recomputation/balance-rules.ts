import { monthsAfter } from './measure-rules.ts';
import { minorOf, type GivenAgreement, type GivenFee, type GivenLine, type GivenStatement } from './given.ts'; // prettier-ignore

/**
 * Where the figures of the last of these statements do not add up, do not go on from the one before,
 * or are not paid, carried forward or forfeited as agreed. They are all up to that one.
 */
export function problemsOfBalance(
  statements: readonly GivenStatement[],
  agreements: readonly GivenAgreement[],
): string[] {
  const statement = statements.at(-1);
  if (!statement) return [];
  const before = statements.at(-2);
  const { id, opening, accrued, reversed, adjusted, tax, closing, lines } = statement;
  const { collected, remitted } = statement;
  const { payout, forfeited, carriedForward, period } = statement;
  const parts = [
    ['opening', minorOf(opening)],
    ['accrued', minorOf(accrued)],
    ['reversed', minorOf(reversed)],
    ['adjusted', minorOf(adjusted)],
    ...(tax ? [['tax', minorOf(tax)] as const] : []),
    ...(collected ? [['less collected', -minorOf(collected)] as const] : []),
    ...(remitted ? [['remitted', minorOf(remitted)] as const] : []),
  ] as const;
  const own = lines.filter(({ adjustment }) => adjustment === undefined);
  const isReversal = ({ reason }: GivenLine) => reason === 'reversed';
  const sums: readonly (readonly [string, bigint, bigint])[] = [
    ['what its own lines earn', sumOf(own.filter((one) => !isReversal(one))), minorOf(accrued)],
    ['what its own lines reverse', sumOf(own.filter(isReversal)), minorOf(reversed)],
    ['its adjustments', sumOf(lines.filter(({ adjustment }) => adjustment)), minorOf(adjusted)],
    [
      inWords(parts.map(([name]) => name)),
      parts.reduce((sum, [, minor]) => sum + minor, 0n),
      minorOf(closing),
    ],
    [
      'payout, forfeited and carried forward',
      minorOf(payout) + minorOf(forfeited) + minorOf(carriedForward),
      minorOf(closing),
    ],
    ['its opening balance', minorOf(opening), minorOf(before?.carriedForward)],
  ];
  const problems = sums
    .filter(([, one, other]) => one !== other)
    .map(([what, one, other]) => `${what} come to ${String(one)}, not ${String(other)}.`);
  if (before && period.from < before.period.until) {
    problems.push(`it begins on ${period.from}, before ${before.id} ends.`);
  }
  problems.push(...problemsOfPayout(statements, feeOn(agreements, period.until)));
  return problems.map((problem) => `${id}: ${problem}`);
}

/** "opening, accrued and tax" */
function inWords(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** The terms on the last day of a period; where none hold any more, the last before. */
function feeOn(agreements: readonly GivenAgreement[], until: string): GivenFee | undefined {
  const inOrder = [...agreements].sort((a, b) => a.version - b.version);
  const found = inOrder.findLast(({ validFrom }) => validFrom < until) ?? inOrder[0];
  return found?.terms.fee;
}

function problemsOfPayout(statements: readonly GivenStatement[], fee: GivenFee | undefined) {
  const statement = statements.at(-1);
  if (!statement) return [];
  const { closing, payout, forfeited, carriedForward, currency, period } = statement;
  const [balance, paid, lost] = [minorOf(closing), minorOf(payout), minorOf(forfeited)];
  const minimum = BigInt(fee?.minimumPayout?.[currency] ?? 0);
  const isPaid = balance > 0n && balance >= minimum;
  if (paid !== (isPaid ? balance : 0n)) {
    const least = minimum > 0n ? `the least that is paid out is ${String(minimum)}` : 'no least payout is agreed'; // prettier-ignore
    return [`its payout comes to ${String(isPaid ? balance : 0n)}, not ${String(paid)}: ${least}.`];
  }
  if (isPaid) return [];
  // Money that the partner collected or remitted is never forfeited, nor is what it is carried with.
  const isOfFees = statements.every((one) => !one.collected && !one.remitted);
  const months = isOfFees ? fee?.forfeitAfterMonths : undefined;
  if (lost !== 0n && (months === undefined || lost !== balance || balance < 0n)) {
    return [`${String(lost)} are forfeited, and ${months === undefined ? 'that is not agreed' : `the balance is ${String(balance)}`}.`]; // prettier-ignore
  }
  if (months === undefined || balance <= 0n) return [];
  const { latest, earliest } = lastEarned(statements);
  const isOver = (day: string) => monthsAfter(day, months) < period.until;
  if (lost !== 0n && !isOver(earliest)) {
    return [`${String(lost)} are forfeited, and a line earned something on ${earliest}.`];
  }
  if (lost === 0n && isOver(latest)) {
    return [`${String(minorOf(carriedForward))} are carried forward, and no line earned anything for ${String(months)} months.`]; // prettier-ignore
  }
  return [];
}

/** Between which days the last line became available that earned something, as far as lines show it. */
function lastEarned(statements: readonly GivenStatement[]): { earliest: string; latest: string } {
  const lines = new Map<string, { minor: bigint; from: string; to: string; isEarned: boolean }>();
  for (const { period, lines: own } of statements) {
    for (const { id, amount, reason, adjustment, availableOn } of own) {
      const from = adjustment ? '0001-01-01' : period.from;
      const found = lines.get(id) ?? {
        ...{ minor: 0n, isEarned: reason !== 'reversed' },
        ...{ from: availableOn ?? from, to: availableOn ?? period.until },
      };
      lines.set(id, { ...found, minor: found.minor + minorOf(amount) });
    }
  }
  let [earliest, latest] = ['0001-01-01', '0001-01-01'];
  for (const { minor, from, to, isEarned } of lines.values()) {
    if (minor <= 0n) continue;
    if (isEarned && from > earliest) earliest = from;
    if (to > latest) latest = to;
  }
  return { earliest, latest };
}

/**
 * Where a line stands on a statement that is not its own: a line is stated once, on the statement
 * whose days hold the day on which it became available, or late on a later one; what is changed or
 * withdrawn was stated before. `days` are those days as far as they are recomputed.
 */
export function problemsOfPlaces(
  statements: readonly GivenStatement[],
  days: ReadonlyMap<string, string>,
): string[] {
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const { id: statement, period, lines } of statements) {
    for (const { id, adjustment, availableOn } of lines) {
      const isAgain = adjustment === 'changed' || adjustment === 'withdrawn';
      if (isAgain !== seen.has(id)) {
        problems.push(`${statement}: line ${id} ${isAgain ? `is ${adjustment}, and was not stated before` : 'was stated before'}.`); // prettier-ignore
      }
      seen.add(id);
      if (isAgain) continue;
      const told = [availableOn, days.get(id)].filter((day) => day !== undefined);
      const wrong = told.find((day) =>
        adjustment ? day >= period.from : day < period.from || day >= period.until,
      );
      if (wrong === undefined) continue;
      problems.push(`${statement}: line ${id} became available on ${wrong}, and stands there as ${adjustment ? 'a late one' : 'one of its own days'}.`); // prettier-ignore
    }
  }
  return problems;
}

function sumOf(lines: readonly GivenLine[]): bigint {
  return lines.reduce((sum, { amount }) => sum + minorOf(amount), 0n);
}
