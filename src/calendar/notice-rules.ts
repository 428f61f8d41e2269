import { addDays, daysBetween } from '../platform/calendar-days.ts';
import type { CalendarDay } from './calendar.ts';

/**
 * How many whole working days of a notice have passed on a local day: those after the day on which
 * it was published and before that day. Neither the day of the notice counts nor the one that has
 * only begun, so of all readings none is longer. Undefined where the calendar lacks one of the
 * days. The database counts alike (notice_days_run); its count is the one that decides.
 */
export function countWorkingDays(
  calendar: readonly CalendarDay[],
  { published, today }: { published: string; today: string },
): number | undefined {
  const between = calendar.filter(({ day }) => day > published && day < today);
  if (between.length !== Math.max(daysBetween(published, today) - 1, 0)) return undefined;
  return between.filter(({ isWorking }) => isWorking).length;
}

/**
 * The first day on which a version may take effect: the one after the last of its notice's working
 * days. Undefined where the calendar, given in order, does not reach as far.
 */
export function earliestDay(
  calendar: readonly CalendarDay[],
  { published, noticeDays }: { published: string; noticeDays: number },
): string | undefined {
  let expected = addDays(published, 1);
  let left = noticeDays;
  for (const { day, isWorking } of calendar) {
    if (day <= published) continue;
    if (day !== expected) return undefined;
    expected = addDays(day, 1);
    if (isWorking) left -= 1;
    if (left === 0) return expected;
  }
  return undefined;
}
