import type { LineId } from '../fees/index.ts';
import { groupBy } from '../platform/group.ts';
import type { CustomerId, RecordId } from '../records/index.ts';
import { isWithin, reasonOf, sumOf } from './reason-rules.ts';
import type { NamedLine, OtherLine, OwnLine, Reason, Row } from './reconciliation.ts';

/** Everything that a comparison follows from, in any order. */
export interface Comparison {
  readonly claimed: readonly NamedLine[];
  /** The lines of the statement. */
  readonly ours: readonly OwnLine[];
  /** Lines of the same payments and customers that stand elsewhere. */
  readonly others: readonly OtherLine[];
  readonly currency: string;
  /** The first day, and the first day after. */
  readonly fromDay: string;
  readonly untilDay: string;
  readonly toleranceMinor: bigint;
  /** Why a payment earned nothing, or why the customer has nothing in the period. */
  readonly whyNothing: (customerId: CustomerId, paymentId: RecordId | null) => Reason | undefined;
}

/**
 * Compares what is claimed with a statement. Every line of both sides stands in one row: first what
 * names a payment against the lines of that payment, then what names a customer alone against all
 * that is left of it; then what is claimed and names nobody, and what nobody claimed. The rows stand
 * in the order of their claimed lines, then of ours.
 */
export function match(comparison: Comparison): Row[] {
  const { claimed, ours } = comparison;
  const used = new Set<LineId>();
  const rows: Row[] = [];
  const ofPayment = groupBy(ours.filter(isOfPayment), ({ paymentId }) => paymentId);
  const othersOfPayment = groupBy(comparison.others, ({ paymentId }) => paymentId);
  const naming = claimed.filter(isOfPayment);
  for (const [paymentId, group] of groupBy(naming, (line) => line.paymentId)) {
    const lines = ofPayment.get(paymentId) ?? [];
    for (const { lineId } of lines) used.add(lineId);
    const others = othersOfPayment.get(paymentId) ?? [];
    rows.push(...settle(inOrder(group), { lines, others }, comparison));
  }
  const ofCustomer = groupBy(
    ours.filter((line) => isOfCustomer(line) && !used.has(line.lineId)),
    ({ customerId }) => customerId,
  );
  const othersOfCustomer = groupBy<OtherLine, CustomerId | null>(
    comparison.others,
    ({ customerId }) => customerId,
  );
  const alone = claimed.filter((line) => line.paymentId === null && isOfCustomer(line));
  const claimedWhole = new Set(
    ours.filter(({ lineId }) => used.has(lineId)).map(({ customerId }) => customerId),
  );
  for (const [customerId, group] of groupBy(alone, (line) => line.customerId)) {
    const lines = ofCustomer.get(customerId) ?? [];
    if (lines.length === 0 && claimedWhole.has(customerId)) {
      // Payment by payment all of it is claimed already.
      rows.push(...inOrder(group).map((line) => rowOf('duplicate', [line], [])));
      continue;
    }
    for (const { lineId } of lines) used.add(lineId);
    const others = othersOfCustomer.get(customerId) ?? [];
    rows.push(...settle(inOrder(group), { lines, others }, comparison));
  }
  const unnamed = claimed.filter((line) => line.paymentId === null && line.customerId === null);
  rows.push(...unnamed.map((line) => rowOf('not-matched', [line], [])));
  const left = ours.filter(({ lineId }) => !used.has(lineId));
  rows.push(...left.map((line) => rowOf('not-claimed', [], [line])));
  return rows.sort(byPlace);
}

type OfPayment<Line> = Line & { readonly paymentId: RecordId };
function isOfPayment<Line extends { paymentId: RecordId | null }>(
  line: Line,
): line is OfPayment<Line> {
  return line.paymentId !== null;
}
const isOfCustomer = ({ customerId }: { customerId: CustomerId | null }) => customerId !== null;

/** Claimed lines of one payment or customer against the lines of ours that they are about. */
function settle(
  group: readonly NamedLine[],
  { lines, others }: { lines: readonly OwnLine[]; others: readonly OtherLine[] },
  comparison: Comparison,
): Row[] {
  const due = sumOf(lines);
  const { once, twice } = withoutDuplicates(group, due, comparison);
  const duplicates = twice.map((line) => rowOf('duplicate', [line], []));
  if (lines.length === 0) return [...once.map((line) => elsewhere(line, others, comparison)), ...duplicates]; // prettier-ignore
  const theirs = sumOf(once);
  const isMatched = isWithin(theirs, due, comparison.toleranceMinor);
  const row = isMatched
    ? rowOf('matched', once, lines)
    : rowOf('amount-differs', once, lines, reasonOf(theirs, lines, comparison.toleranceMinor));
  return [row, ...duplicates];
}

/**
 * Several lines about the same are one claim in parts where they come to what is due. Else a line that
 * says the same once more is a duplicate: for a payment always, for a customer, of whom several
 * payments can have earned the same, only where the rest then comes to what is due.
 */
function withoutDuplicates(
  group: readonly NamedLine[],
  due: bigint,
  { toleranceMinor }: Comparison,
): { once: readonly NamedLine[]; twice: readonly NamedLine[] } {
  const all = { once: group, twice: [] };
  if (group.length === 1 || isWithin(sumOf(group), due, toleranceMinor)) return all;
  const once = [...group];
  const twice: NamedLine[] = [];
  const counts = new Map<bigint, number>();
  for (const { amountMinor } of group) counts.set(amountMinor, (counts.get(amountMinor) ?? 0) + 1);
  for (const line of group.toReversed()) {
    const count = counts.get(line.amountMinor) ?? 0;
    if (count < 2) continue;
    counts.set(line.amountMinor, count - 1);
    once.splice(once.indexOf(line), 1);
    twice.push(line);
    if (isWithin(sumOf(once), due, toleranceMinor)) return { once, twice };
  }
  return group[0]?.paymentId === null ? all : { once, twice };
}

/** A claimed line about which nothing of ours stands on the statement. */
function elsewhere(line: NamedLine, others: readonly OtherLine[], comparison: Comparison): Row {
  const { customerId, paymentId } = line;
  const same = others
    .filter(({ currency }) => currency === comparison.currency)
    .sort((a, b) => (a.availableOn < b.availableOn ? -1 : 1));
  const later = same.find(({ month, availableOn }) => {
    const cameAbout = `${month}-01` < comparison.untilDay && `${month}-31` >= comparison.fromDay;
    return cameAbout && availableOn >= comparison.untilDay;
  });
  const there = later ?? timingOf(line, same, comparison);
  const told = { customerIds: customerId ? [customerId] : others.slice(0, 1).map((one) => one.customerId) }; // prettier-ignore
  if (there) {
    const reason = later ? 'held' : 'other-period';
    return { ...rowOf('timing', [line], [], reason), ...told, availableOn: there.availableOn };
  }
  if (paymentId !== null && others.length > 0) {
    const because = others.find((one) => one.because !== null)?.because ?? 'other-currency';
    return { ...rowOf('amount-differs', [line], [], because), ...told };
  }
  const reason = customerId && comparison.whyNothing(customerId, paymentId);
  if (reason) return { ...rowOf('amount-differs', [line], [], reason), ...told };
  return rowOf('not-matched', [line], []);
}

/** Of a payment any line; of a customer the day on which as much became available. */
function timingOf(
  { paymentId, amountMinor }: NamedLine,
  same: readonly OtherLine[],
  { toleranceMinor }: Comparison,
): OtherLine | undefined {
  if (paymentId !== null) return same[0];
  const months = groupBy(same, ({ availableOn }) => availableOn.slice(0, 7));
  for (const lines of months.values()) {
    if (isWithin(sumOf(lines), amountMinor, toleranceMinor)) return lines[0];
  }
  return undefined;
}

function rowOf(
  outcome: Row['outcome'],
  claimed: readonly NamedLine[],
  ours: readonly OwnLine[],
  reason: Reason | null = null,
): Row {
  const whose = [...claimed, ...ours].flatMap(({ customerId }) => (customerId ? [customerId] : []));
  return {
    ...{ outcome, reason, availableOn: null },
    claimed: claimed.map(({ line }) => line),
    claimedMinor: sumOf(claimed),
    ours: ours.map(({ lineId }) => lineId).sort(),
    oursMinor: sumOf(ours),
    customerIds: outcome === 'not-matched' ? [] : [...new Set(whose)].sort(),
  };
}

function inOrder(lines: readonly NamedLine[]): NamedLine[] {
  return [...lines].sort((a, b) => a.line - b.line);
}

function byPlace(one: Row, other: Row): number {
  const [a, b] = [one.claimed[0] ?? Infinity, other.claimed[0] ?? Infinity];
  if (a !== b) return a < b ? -1 : 1;
  return (one.ours[0] ?? '') < (other.ours[0] ?? '') ? -1 : 1;
}
