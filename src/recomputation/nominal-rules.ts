import type { GivenFee } from './given.ts';
import { percentOf, plus, ratio, rounded, type Ratio } from './number-rules.ts';
import type { Paid } from './world-rules.ts';

/** What a payment earns before caps and refunds. */
export interface Nominal {
  readonly minor: bigint;
  /** Payments of one name share a running total: of equal moments only their sum is certain. */
  readonly group: string | null;
}

/**
 * What each payment earns before caps and refunds, by its id. `tierOf` says at which percentage a
 * month is paid where that follows from the number of relationships: it is read from the lines.
 */
export function nominalsOf(
  payments: readonly Paid[],
  tierOf: (paid: Paid) => string | undefined,
): Map<string, Nominal> {
  const found = new Map<string, Nominal>();
  const groups = new Map<string, Paid[]>();
  for (const paid of payments) {
    if (!earns(paid)) continue;
    const group = groupOf(paid);
    if (group === null) found.set(paid.given.id, { minor: alone(paid), group });
    else groups.set(group, [...(groups.get(group) ?? []), paid]);
  }
  for (const [group, members] of groups) {
    const exactly = totalOf(members, tierOf);
    let before = 0n;
    members.forEach((paid, index) => {
      const after = rounded(exactly(index + 1), paid.fee.rounding ?? 'half-even');
      found.set(paid.given.id, { minor: after - before, group });
      before = after;
    });
  }
  return found;
}

function earns({ fee, isFirst }: Paid): boolean {
  if (fee.kind === 'tiers') return true;
  if (fee.kind === 'percent') return fee.of !== 'first-payment' || isFirst;
  const per = fee.flat?.per;
  return per === 'payment' || (per !== 'threshold' && isFirst);
}

function alone({ fee, base, percent, given }: Paid): bigint {
  if (fee.kind === 'flat') return BigInt(fee.flat?.amounts[given.amount.currency] ?? 0);
  return rounded(percentOf(base, percent), fee.rounding ?? 'half-even');
}

/** Under which name exact fees are added before they are rounded; null: each for itself. */
function groupOf({ fee, agreement, day, given }: Paid): string | null {
  const month = `${String(agreement.version)} ${day.slice(0, 7)} ${given.amount.currency}`;
  if (fee.kind === 'tiers') return month;
  if (fee.kind === 'flat') return null;
  if (fee.roundingLevel === 'partner-month') return month;
  return fee.roundingLevel === 'customer-month' ? `${month} ${given.customer}` : null;
}

/** The exact fee of the first so many payments of a group. */
function totalOf(
  members: readonly Paid[],
  tierOf: (paid: Paid) => string | undefined,
): (count: number) => Ratio {
  const sum = (count: number) =>
    members.slice(0, count).reduce((total, { base }) => total + base, 0n);
  const [first] = members;
  if (first?.fee.kind !== 'tiers') {
    return (count) =>
      members
        .slice(0, count)
        .map(({ base, percent }) => percentOf(base, percent))
        .reduce(plus, ratio(0n));
  }
  const { currency } = first.given.amount;
  const steps = stepsOf(first.fee, currency);
  if (first.fee.tiers?.mode === 'graduated') return (count) => inSteps(sum(count), steps);
  const whole = sum(members.length);
  const percent =
    first.fee.tiers?.by === 'base'
      ? steps.filter(({ from }) => from <= whole).at(-1)?.percent
      : tierOf(first);
  return (count) => percentOf(sum(count), percent ?? steps[0]?.percent ?? '0');
}

interface Step {
  readonly from: bigint;
  readonly percent: string;
}

function stepsOf(fee: GivenFee, currency: string): Step[] {
  return (fee.tiers?.steps ?? []).map(({ from, fromActive, ratePercent }) => ({
    from: BigInt(from?.[currency] ?? fromActive ?? 0),
    percent: ratePercent,
  }));
}

/** Each part of a sum at the percentage of the step in which it lies. */
function inSteps(sum: bigint, steps: readonly Step[]): Ratio {
  return steps
    .map(({ from, percent }, index) => {
      const end = steps[index + 1]?.from ?? sum;
      const top = sum < end ? sum : end;
      return top > from ? percentOf(top - from, percent) : ratio(0n);
    })
    .reduce(plus, ratio(0n));
}
