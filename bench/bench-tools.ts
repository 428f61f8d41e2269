import { pino } from 'pino';
import { systemClock } from '../src/platform/clock.ts';
import { openDatabase, openReader, type Login } from '../src/platform/database.ts';
import { systemRandomness } from '../src/platform/randomness.ts';
import { readSettings } from '../src/platform/settings.ts';
import type { Tools } from '../src/platform/tools.ts';

/** Where the bench's database is and how each role logs in to it. */
export interface Site {
  readonly folder: string;
  readonly logins: Readonly<Record<'app' | 'reader' | 'migrator' | 'superuser', Login>>;
}

/** The tools as a server has them; the log goes to a file, one line a request, as in production. */
export function benchTools({ folder, logins }: Site, logFile: string): Tools {
  const { settings } = readSettings(systemRandomness, {
    SLUICE_DATA_DIR: folder,
    SLUICE_TOKEN_LIFETIME_SECONDS: '3600',
  });
  return {
    settings,
    db: openDatabase(logins.app, { isDurable: true }),
    reader: openReader(logins.reader),
    clock: systemClock,
    random: systemRandomness,
    log: pino({ base: null }, pino.destination({ dest: `${folder}/${logFile}`, sync: true })),
  };
}
