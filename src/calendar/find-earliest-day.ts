import type { Database, Transaction } from '../platform/database.ts';
import { findCalendarDays } from './calendar-store.ts';
import { earliestDay } from './notice-rules.ts';

/** More days than the longest notice takes, with every holiday there is. */
const enoughDays = 1000;

/**
 * The first day on which something announced on a day (YYYY-MM-DD, both) may take effect; undefined
 * where the calendar does not reach as far.
 */
export async function findEarliestDay(
  db: Database | Transaction,
  { country, published, noticeDays }: { country: string; published: string; noticeDays: number },
): Promise<string | undefined> {
  const days = await findCalendarDays(db, { country, after: published, limit: enoughDays });
  return earliestDay(days, { published, noticeDays });
}
