import type { GivenFee } from './given.ts';
import { inMinor, percentOf } from './measure-rules.ts';
import type { Paid } from './world-rules.ts';

/** What a payment earns before caps and refunds. */
export interface Nominal {
  readonly minor: bigint;
  /** Payments of one name share a running total: of equal moments only their sum is certain. */
  readonly group: string | null;
  /** Between which it lies whatever else there is in its group. */
  readonly least: bigint;
  readonly most: bigint;
}

/**
 * What each payment earns before caps and refunds, by its id. `tierOf` says at which percentage a
 * month is paid where that follows from the number of relationships: it is read from the lines.
 */
export function nominalsOf(
  payments: readonly Paid[],
  tierOf: (group: readonly Paid[]) => string | undefined,
): Map<string, Nominal> {
  const found = new Map<string, Nominal>();
  const groups = new Map<string, Paid[]>();
  for (const paid of payments) {
    if (!earns(paid)) continue;
    const group = groupOf(paid);
    const minor = group === null ? alone(paid) : 0n;
    if (group === null) found.set(paid.given.id, { minor, group, least: minor, most: minor });
    else membersOf(groups, group).push(paid);
  }
  for (const [group, members] of groups) {
    const exactly = runningOf(members, tierOf);
    let before = 0n;
    for (const paid of members) {
      const after = inMinor(exactly(paid), paid.fee.rounding ?? 'half-even');
      found.set(paid.given.id, { minor: after - before, group, ...boundsOf(paid) });
      before = after;
    }
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
  return inMinor(percentOf(base, percent), fee.rounding ?? 'half-even');
}

/** Under which name exact fees are added before they are rounded; null: each for itself. */
export function groupOf({ fee, agreement, day, given }: Paid): string | null {
  const month = `${String(agreement.version)} ${day.slice(0, 7)} ${given.amount.currency}`;
  if (fee.kind === 'tiers') return month;
  if (fee.kind === 'flat') return null;
  if (fee.roundingLevel === 'partner-month') return month;
  return fee.roundingLevel === 'customer-month' ? `${month} ${given.customer}` : null;
}

/** What a payment makes of a running total at least and at most: each total is rounded by less than one. */
function boundsOf({ fee, base, percent, given }: Paid): { least: bigint; most: bigint } {
  const steps = fee.kind === 'tiers' ? stepsOf(fee, given.amount.currency) : [{ percent }];
  const exact = steps.map((step) => percentOf(base, step.percent));
  const [low, high] = [
    exact.reduce((a, b) => (a < b ? a : b)),
    exact.reduce((a, b) => (a > b ? a : b)),
  ];
  const least = inMinor(low, 'down') - 1n;
  return { least: least < 0n ? 0n : least, most: inMinor(high, 'down') + 1n };
}

function membersOf(groups: Map<string, Paid[]>, name: string): Paid[] {
  const members = groups.get(name) ?? [];
  groups.set(name, members);
  return members;
}

/** The exact fee of all payments of a group up to one: asked for one after the other. */
function runningOf(
  members: readonly Paid[],
  tierOf: (group: readonly Paid[]) => string | undefined,
): (paid: Paid) => bigint {
  let sum = 0n;
  const [first] = members;
  if (first?.fee.kind !== 'tiers') return ({ base, percent }) => (sum += percentOf(base, percent));
  const steps = stepsOf(first.fee, first.given.amount.currency);
  if (first.fee.tiers?.mode === 'graduated') return ({ base }) => inSteps((sum += base), steps);
  const whole = members.reduce((total, { base }) => total + base, 0n);
  const percent =
    first.fee.tiers?.by === 'base'
      ? steps.filter(({ from }) => from <= whole).at(-1)?.percent
      : tierOf(members);
  return ({ base }) => percentOf((sum += base), percent ?? steps[0]?.percent ?? '0');
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

/** Each part of a sum at the percentage of the step in which it lies, exactly. */
function inSteps(sum: bigint, steps: readonly Step[]): bigint {
  return steps.reduce((exact, { from, percent }, index) => {
    const end = steps[index + 1]?.from ?? sum;
    const top = sum < end ? sum : end;
    return top > from ? exact + percentOf(top - from, percent) : exact;
  }, 0n);
}
