import type { AgreementVersion } from '../agreements/index.ts';
import { addMonths, monthOf } from '../platform/calendar-days.ts';

export type PeriodKind = 'month' | 'half-month' | 'quarter';

/** A span of days for which a statement is closed. */
export interface Period {
  /** "2026-10"; of a half month "2026-10-1", "2026-10-2"; of a quarter "2026-Q4". */
  readonly period: string;
  readonly fromDay: string;
  /** The first day after it. */
  readonly untilDay: string;
}

/** The period that holds a day (YYYY-MM-DD). */
export function periodAt(day: string, kind: PeriodKind): Period {
  const month = monthOf(day);
  const first = `${month}-01`;
  if (kind === 'half-month') {
    const middle = `${month}-16`;
    return day < middle
      ? { period: `${month}-1`, fromDay: first, untilDay: middle }
      : { period: `${month}-2`, fromDay: middle, untilDay: addMonths(first, 1) };
  }
  if (kind === 'quarter') {
    const quarter = Math.ceil(Number(month.slice(5)) / 3);
    const from = `${month.slice(0, 4)}-${String(quarter * 3 - 2).padStart(2, '0')}-01`;
    return {
      period: `${month.slice(0, 4)}-Q${String(quarter)}`,
      fromDay: from,
      untilDay: addMonths(from, 3),
    };
  }
  return { period: month, fromDay: first, untilDay: addMonths(first, 1) };
}

/**
 * The period that holds a day, where periods follow each other from a day on without a gap: what a
 * period is may change with the agreement.
 */
export function periodHolding(
  versions: readonly AgreementVersion[],
  { from, day }: { from: string; day: string },
): Period {
  for (let fromDay = from; ;) {
    const period = { ...periodAt(fromDay, periodKindAt(versions, fromDay)), fromDay };
    if (day < period.untilDay) return period;
    fromDay = period.untilDay;
  }
}

/** The whole period of a name ("2026-10", "2026-10-1", "2026-Q4"); undefined where it is none. */
export function periodNamed(name: string): Period | undefined {
  const match = /^([12]\d{3})-(?:(0[1-9]|1[0-2])(-[12])?|Q([1-4]))$/.exec(name);
  const [, year = '', month, half, quarter] = match ?? [];
  if (!match) return undefined;
  if (quarter !== undefined) {
    const first = String(Number(quarter) * 3 - 2).padStart(2, '0');
    return periodAt(`${year}-${first}-01`, 'quarter');
  }
  const day = `${year}-${month ?? ''}-${half === '-2' ? '16' : '01'}`;
  return periodAt(day, half === undefined ? 'month' : 'half-month');
}

/** The period and currency behind a statement's id ("2026-07.USD", "2026-Q3.USD"); else undefined. */
export function statementNamed(id: string): { period: string; currency: string } | undefined {
  const match = /^([12]\d{3}-(?:(?:0[1-9]|1[0-2])(?:-[12])?|Q[1-4]))\.([A-Z]{3})$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { period: match[1], currency: match[2] };
}

/** "2026-10.EUR" */
export function statementIdOf({ period, currency }: { period: string; currency: string }): string {
  return `${period}.${currency}`;
}

/** The version whose terms hold on a day; where none does any more, the last before. */
export function versionOn(
  versions: readonly AgreementVersion[],
  day: string,
): AgreementVersion | undefined {
  return versions.findLast(({ validFrom }) => validFrom <= day) ?? versions[0];
}

/** What a period of statements is, by what was agreed for its first day. */
export function periodKindAt(versions: readonly AgreementVersion[], day: string): PeriodKind {
  return versionOn(versions, day)?.terms.fee?.period ?? 'month';
}

/** In which zone the days of a period begin and end. */
export function zoneAt(versions: readonly AgreementVersion[], day: string): string {
  return versionOn(versions, day)?.terms.timeZone ?? 'UTC';
}
