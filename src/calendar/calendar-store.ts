import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import type { CalendarDay } from './calendar.ts';

interface CalendarRow {
  readonly day: string;
  readonly is_working: boolean;
  readonly name: string | null;
}

/** A country's days after a day, in order, at most `limit` of them. */
export async function findCalendarDays(
  db: Database | Transaction,
  { country, after, limit }: { country: string; after: string; limit: number },
): Promise<CalendarDay[]> {
  const rows = await db('calendar_days')
    .select<CalendarRow[]>('calendar_days.day', 'calendar_days.is_working', 'calendar_days.name')
    .where('calendar_days.country', country)
    .where('calendar_days.day', '>', after)
    .orderBy('calendar_days.day')
    .limit(limit);
  return rows.map((row) => ({ day: row.day, isWorking: row.is_working, name: row.name }));
}

/** The last day that the calendar has of a country. */
export async function findLastDay(
  db: Database | Transaction,
  country: string,
): Promise<string | undefined> {
  const row = await db('calendar_days')
    .select<{ day: string }[]>('calendar_days.day')
    .where('calendar_days.country', country)
    .orderBy('calendar_days.day', 'desc')
    .first();
  return row?.day;
}

const addDays: Statement = {
  name: 'calendar-add-days',
  text: `insert into calendar_days (country, day, is_working, name)
    select $1, given.day, given.is_working, given.name
      from unnest($2::date[], $3::boolean[], $4::text[]) as given (day, is_working, name)
    on conflict do nothing`,
};

/** Adds the days that are not there; a day that is stays as it is. As the owner of the tables. */
export async function insertCalendarDays(
  tx: Transaction,
  country: string,
  days: readonly CalendarDay[],
): Promise<void> {
  await queryNamed(tx, addDays, [
    country,
    days.map(({ day }) => day),
    days.map(({ isWorking }) => isWorking),
    days.map(({ name }) => name),
  ]);
}
