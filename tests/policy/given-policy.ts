import { addDays } from '../../src/platform/calendar-days.ts';
import { inTransaction, type Database } from '../../src/platform/database.ts';
import type { Policy } from '../../src/policy/index.ts';
import { firstPolicy } from '../support/first-policy.ts';
import type { House } from '../support/house.ts';

/** The first policy under another name, with changes. */
export function policyOf(version: string, changes: Partial<Policy> = {}): Policy {
  return { ...structuredClone(firstPolicy), version, ...changes };
}

export const response = {
  notice: 'Something changes.',
  responseDirections: 'Write to privacy@example.test.',
  actor: 'test',
};

/** A zone in which no midnight comes while a test runs. */
export const calmZone = new Date().getUTCHours() >= 21 ? 'Pacific/Honolulu' : 'UTC';

/** As a superuser for whom triggers do not count. */
export async function tamper(
  { admin }: House,
  sql: string,
  values: readonly (string | number | Date)[],
): Promise<void> {
  await inTransaction(admin, async (tx) => {
    await tx.raw('set local session_replication_role = replica');
    await tx.raw(sql, [...values]);
  });
}

/** Moves the day on which a version was announced, to its last second. */
export async function movePublished(house: House, version: string, day: string): Promise<void> {
  await tamper(
    house,
    `update policy_versions set published_at = (?::date + time '23:59:59') at time zone time_zone
      where version = ?`,
    [day, version],
  );
}

/** The last day of an announcement for its notice to have run today; a day later is too late. */
export async function lastDayInTime(
  { admin }: House,
  { country = 'US', noticeDays }: { country?: string; noticeDays: number },
): Promise<string> {
  const isWorking = await workingDays(admin, country);
  let day = new Date().toLocaleDateString('sv-SE', { timeZone: calmZone });
  for (let left = noticeDays; left > 0;) {
    day = addDays(day, -1);
    if (isWorking.has(day)) left -= 1;
  }
  return addDays(day, -1);
}

async function workingDays(admin: Database, country: string): Promise<ReadonlySet<string>> {
  const rows = await admin('calendar_days')
    .select<{ day: string }[]>('day')
    .where({ country, is_working: true });
  return new Set(rows.map(({ day }) => day));
}
