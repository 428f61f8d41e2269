import { fileURLToPath } from 'node:url';
import { systemClock } from '../platform/clock.ts';
import { openDatabase, type Connection, type Database } from '../platform/database.ts';
import { migrate } from '../platform/migrations.ts';
import type { Settings } from '../platform/settings.ts';
import { installPolicy } from '../policy/index.ts';

export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** What of the settings the database is brought up to date with. */
export type Place = Pick<Settings, 'country' | 'timeZone' | 'noticeDays'>;

/** Applies what is pending and puts in calendar and first policy. `db` logs in as the migrator. */
export async function bringUpToDate(db: Database, place: Place): Promise<void> {
  await migrate(db, migrationsFolder);
  await installPolicy(db, { ...place, now: systemClock.now() });
}

/** The same, on a connection of its own. */
export async function bringUpToDateAs(migrator: Connection, place: Place): Promise<void> {
  const db = openDatabase(migrator, { max: 1 });
  try {
    await bringUpToDate(db, place);
  } finally {
    await db.destroy();
  }
}
