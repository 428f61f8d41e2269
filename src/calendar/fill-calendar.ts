import type { Transaction } from '../platform/database.ts';
import { addDays } from '../platform/calendar-days.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import { insertCalendarDays } from './calendar-store.ts';
import { UnknownCountry, type CalendarDay } from './calendar.ts';

/** Whole years that the calendar has before and after the present one. */
const yearsBack = 2;
const yearsAhead = 10;

/**
 * Writes the days of a country from two years back to ten years ahead, as the owner of the tables;
 * days that stand already stay as they are, whatever is known of holidays by now. Refuses a country
 * of which no holidays are known.
 */
export async function fillCalendar(
  tx: Transaction,
  { country, now }: { country: string; now: Date },
): Promise<void> {
  const year = now.getUTCFullYear();
  const holidays = await holidaysOf(country, { from: year - yearsBack, to: year + yearsAhead });
  const weekend = weekendOf(country);
  const days: CalendarDay[] = [];
  const end = `${String(year + yearsAhead)}-12-31`;
  for (let day = `${String(year - yearsBack)}-01-01`; day <= end; day = addDays(day, 1)) {
    const name = holidays.get(day) ?? null;
    const isWeekend = weekend.includes(new Date(`${day}T00:00:00Z`).getUTCDay());
    days.push({ day, isWorking: name === null && !isWeekend, name });
  }
  await insertCalendarDays(tx, country, days);
}

/** Public and bank holidays by day. A day that a holiday only touches, such as its eve, is one too. */
async function holidaysOf(
  country: string,
  years: { from: number; to: number },
): Promise<Map<string, string>> {
  // Loaded where it is needed alone: it brings the holidays of the whole world with it.
  const { default: Holidays } = await import('date-holidays');
  if (!(country in new Holidays().getCountries())) {
    throw new Refusal(UnknownCountry, `No holidays are known for the country ${country}.`);
  }
  const holidays = new Holidays(country, { languages: ['en'], types: ['public', 'bank'] });
  const timeZone = holidays.getTimezones()[0] ?? 'UTC';
  const byDay = new Map<string, string>();
  for (let year = years.from; year <= years.to; year += 1) {
    for (const { start, end, name } of holidays.getHolidays(year)) {
      const last = localDay(new Date(end.getTime() - 1), timeZone);
      for (let day = localDay(start, timeZone); day <= last; day = addDays(day, 1)) {
        if (!byDay.has(day)) byDay.set(day, name.slice(0, 200));
      }
    }
  }
  return byDay;
}

/** What `Intl.Locale` tells of weeks, by one of two names: newer versions of Node have the second. */
interface WeekLocale {
  readonly weekInfo?: { readonly weekend: readonly number[] };
  getWeekInfo?(): { readonly weekend: readonly number[] };
}

/** The days off of a country's week, counted from Sunday, 0. */
function weekendOf(country: string): readonly number[] {
  const locale = new Intl.Locale(`und-${country}`) as WeekLocale;
  const info = locale.getWeekInfo?.() ?? locale.weekInfo;
  return (info?.weekend ?? [6, 7]).map((day) => day % 7);
}
