import type { AgreementVersion } from '../agreements/index.ts';
import { addDays } from '../platform/calendar-days.ts';
import { localDay } from '../platform/local-days.ts';
import {
  periodAt,
  periodKindAt,
  zoneAt,
  type LineSums,
  type Period,
} from '../settlements/index.ts';
import { endOf } from './month-rules.ts';
import type { MonthStatement, Prevention } from './month.ts';

/**
 * The periods of a chain that a close of the month would state: what lies before them has no lines and
 * is passed over, as the close does. `next` is the first day of the next period that has lines.
 */
export function periodsClosedIn(
  month: string,
  chain: { fromDay: string; next: string | undefined; versions: readonly AgreementVersion[] },
): Period[] {
  const { versions } = chain;
  const begin = `${month}-01`;
  const target = chain.next !== undefined && chain.next < begin ? chain.next : begin;
  const found: Period[] = [];
  for (let { fromDay } = chain; ;) {
    const period = { ...periodAt(fromDay, periodKindAt(versions, fromDay)), fromDay };
    const end = endOf(period);
    if (end > month) return found;
    if (end === month) found.push(period);
    fromDay = period.untilDay;
    const later = periodAt(target, periodKindAt(versions, target)).fromDay;
    if (end < month && later > fromDay) fromDay = later;
  }
}

/** What lines add up to beside those that are taken off. */
export function lessBy(all: LineSums, off: LineSums): LineSums {
  const minus = [...off.versionNets].map(([version, minor]) => [version, -minor] as const);
  return {
    ...all,
    accruedMinor: all.accruedMinor - off.accruedMinor,
    reversedMinor: all.reversedMinor - off.reversedMinor,
    adjustedMinor: all.adjustedMinor - off.adjustedMinor,
    lineCount: all.lineCount - off.lineCount,
    adjustmentCount: all.adjustmentCount - off.adjustmentCount,
    versionNets: addNets(all.versionNets, new Map(minus)),
  };
}

/** The nets of agreement versions, with others added. */
export function addNets(
  nets: ReadonlyMap<number, bigint>,
  others: ReadonlyMap<number, bigint> = new Map<number, bigint>(),
): Map<number, bigint> {
  const sums = new Map(nets);
  for (const [version, minor] of others) sums.set(version, (sums.get(version) ?? 0n) + minor);
  return sums;
}

/** The largest amount that a statement tells exactly. */
const largestMinor = BigInt(Number.MAX_SAFE_INTEGER);

/** The drafts of a partner with what keeps each from its close: one that cannot be closed keeps all. */
export function withPreventions(
  drafts: readonly MonthStatement[],
  known: {
    readonly now: Date;
    readonly versions: readonly AgreementVersion[];
    /** What is to be closed before all of them. */
    readonly earlier: (Period & { readonly id: string }) | undefined;
  },
): MonthStatement[] {
  const { earlier, now, versions } = known;
  const tooLarge = drafts.find(isTooLarge);
  return drafts.map((draft) => ({ ...draft, prevention: preventionOf(draft) }));

  function preventionOf({ untilDay }: MonthStatement): Prevention | null {
    if (earlier) {
      return { code: 'earlier-period-open', statement: earlier.id, endsIn: endOf(earlier) };
    }
    const today = localDay(now, zoneAt(versions, addDays(untilDay, -1)));
    if (today < untilDay) return { code: 'period-open', overOn: untilDay };
    return tooLarge ? { code: 'amount-too-large', statement: tooLarge.id } : null;
  }
}

function isTooLarge(one: MonthStatement): boolean {
  return Object.values(one).some(
    (value: unknown) =>
      typeof value === 'bigint' && (value > largestMinor || -value > largestMinor),
  );
}
