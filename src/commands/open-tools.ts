import { pino } from 'pino';
import { closeLogWriter } from '../logs/index.ts';
import { systemClock } from '../platform/clock.ts';
import { openDatabase, openReader, type Connection, type Database } from '../platform/database.ts';
import { checkServer } from '../platform/durability.ts';
import { openEmbeddedDatabase } from '../platform/embedded/embedded-database.ts';
import { DatabaseAhead, migrationStatus } from '../platform/migrations.ts';
import { systemRandomness } from '../platform/randomness.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import { readSettings, type Environment, type Installation } from '../platform/settings.ts';
import type { Tools } from '../platform/tools.ts';
import { isPolicyInstalled } from '../policy/index.ts';
import { bringUpToDateAs, migrationsFolder } from './bring-up-to-date.ts';

const DatabaseBehind: RefusalKind = {
  code: 'database-behind',
  status: 503,
  title: 'The database is behind this program.',
};
const DatabaseUrlMissing: RefusalKind = {
  code: 'database-url-missing',
  status: 503,
  title: 'DATABASE_URL is missing.',
};

/** The tools, and what to close after use. */
export interface OpenTools {
  readonly tools: Tools;
  /** The data folder, where it had no database and has a new one now. */
  readonly madeDatabaseIn: string | undefined;
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  /** A server refuses to run beside another, and where an acknowledged commit may be lost. */
  readonly as: 'server' | 'command';
  readonly environment?: Environment | undefined;
  readonly say: (line: string) => void;
}

/**
 * Opens everything that an act may use: settings with their keys, the database of DATABASE_URL or
 * the embedded one, clock, randomness, log. The embedded database is brought up to date by itself;
 * one of the operator's own must have been, by `sluice migrate`.
 */
export async function openTools(options: OpenOptions): Promise<OpenTools> {
  const installation = readSettings(systemRandomness, options.environment);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const { logins, madeDatabaseIn } = await openLogins(installation, options, closers);
    const db = openDatabase(logins.app, options.as === 'server' ? serving : running);
    closers.push(() => db.destroy());
    closers.push(() => closeLogWriter(db));
    await checkServer(db);
    await prepare(db, logins.migrator, installation);
    const reader = openReader(logins.reader);
    closers.push(() => reader.close());
    const log = logOf(installation, options);
    const { settings } = installation;
    return {
      tools: { settings, db, reader, clock: systemClock, random: systemRandomness, log },
      madeDatabaseIn,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const serving = { isDurable: true };
/** A command may look through all there is: somebody waits for it, and can stop it. */
const running = { statementSeconds: 3600 };

interface OpenedLogins {
  readonly app: Connection;
  readonly reader: Connection;
  /** Undefined where only `sluice migrate` may become the owner. */
  readonly migrator: Connection | undefined;
}

async function openLogins(
  { connections, settings, stateHome }: Installation,
  { as, say }: OpenOptions,
  closers: (() => Promise<void>)[],
): Promise<{ logins: OpenedLogins; madeDatabaseIn: string | undefined }> {
  const { app, reader, migrator } = connections;
  if (app !== undefined && reader !== undefined) {
    return { logins: { app, reader, migrator: undefined }, madeDatabaseIn: undefined };
  }
  if (migrator !== undefined) {
    throw new Refusal(
      DatabaseUrlMissing,
      'DATABASE_MIGRATE_URL alone serves `sluice migrate`; this needs DATABASE_URL and DATABASE_READER_URL.',
    );
  }
  const embedded = await openEmbeddedDatabase({ dataDir: settings.dataDir, as, stateHome, say });
  closers.push(() => embedded.close());
  return {
    logins: embedded.logins,
    madeDatabaseIn: embedded.isNew ? settings.dataDir : undefined,
  };
}

/** Brings the embedded database up to date; one of the operator's own must have been. */
async function prepare(
  db: Database,
  migrator: Connection | undefined,
  { settings }: Installation,
): Promise<void> {
  const { pending, unknown } = await migrationStatus(db, migrationsFolder);
  if (unknown.length > 0) throw new Refusal(DatabaseAhead, `It has ${unknown.join(', ')}.`);
  const place = { ...settings, now: systemClock.now() };
  const installed = pending.length === 0 ? await isPolicyInstalled(db, place) : undefined;
  if (installed?.hasPolicy && (installed.hasCalendar || migrator === undefined)) return;
  if (migrator === undefined) {
    const lacking = pending.length > 0 ? pending.join(', ') : 'a policy';
    throw new Refusal(
      DatabaseBehind,
      `The database lacks ${lacking}: run \`sluice migrate\` with DATABASE_MIGRATE_URL.`,
    );
  }
  await bringUpToDateAs(migrator, settings);
}

/** A server's log is its output; a command's output is its answer, so it logs beside it. */
function logOf({ settings }: Installation, { as }: OpenOptions) {
  const destination = pino.destination({ dest: as === 'server' ? 1 : 2, sync: true });
  return pino({ level: settings.logLevel, base: null }, destination);
}
