import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeLogWriter } from '../../src/logs/index.ts';
import { openDatabase, openReader, type Database } from '../../src/platform/database.ts';
import { prepareDatabase } from '../../src/platform/embedded/roles.ts';
import { systemRandomness, type Randomness } from '../../src/platform/randomness.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Settings } from '../../src/platform/settings.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { runLog } from './run-logs.ts';
import { theCluster, urlOf } from './test-cluster.ts';

export const noon = new Date('2026-11-22T12:00:00Z');

/** A clock that moves only when it is told to; set back, it has still run as long as it ran. */
export interface TestClock extends Clock {
  set(date: Date): void;
  advance(milliseconds: number): void;
}

export interface House {
  readonly tools: Tools;
  /** The same database as a superuser, for tests that tamper. */
  readonly admin: Database;
  /** Where each role logs in to this house's database. */
  readonly urls: Readonly<Record<'app' | 'migrator' | 'reader' | 'superuser', string>>;
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly clock?: Clock;
  readonly random?: Randomness;
  readonly settings?: Partial<Settings>;
}

/** The tools on a database of its own, with a clock that stands at noon. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const { superuser, passwords, template } = theCluster();
  const database = `sluice_${randomUUID().replaceAll('-', '')}`;
  const server = openDatabase(superuser, { max: 1 });
  await prepareDatabase(server, database, template);
  const login = (user: keyof typeof passwords) =>
    urlOf(superuser, { user, password: passwords[user], database });
  const urls = {
    app: login('sluice_app'),
    migrator: login('sluice_migrator'),
    reader: login('sluice_reader'),
    superuser: urlOf(superuser, { database }),
  };
  const db = openDatabase(urls.app);
  const reader = openReader(urls.reader);
  const admin = openDatabase(urls.superuser, { max: 2 });
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-house-'));
  return {
    tools: {
      settings: { ...testSettings, dataDir, ...options.settings },
      db,
      reader,
      clock: options.clock ?? testClock(),
      random: options.random ?? systemRandomness,
      log: runLog(),
    },
    admin,
    urls,
    close: async () => {
      await closeLogWriter(db);
      await Promise.all([db.destroy(), reader.close(), admin.destroy()]);
      await server.raw('drop database if exists ?? with (force)', [database]);
      await server.destroy();
      await rm(dataDir, { recursive: true });
    },
  };
}

export function testClock(start: Date = noon): TestClock {
  let now = start;
  let elapsed = 0;
  const set = (date: Date) => {
    elapsed += Math.max(0, date.getTime() - now.getTime());
    now = date;
  };
  return {
    now: () => new Date(now),
    elapsedMs: () => elapsed,
    set,
    advance: (milliseconds) => {
      set(new Date(now.getTime() + milliseconds));
    },
  };
}

const testSettings: Settings = {
  origin: 'http://127.0.0.1:8080',
  host: '127.0.0.1',
  port: 8080,
  dataDir: 'data',
  tls: undefined,
  mtlsPort: undefined,
  trustedProxies: [],
  takesClientCert: false,
  landingOrigins: [],
  landingDefault: undefined,
  cookieDomain: undefined,
  logArchive: undefined,
  recordTypesDir: undefined,
  timeZone: 'UTC',
  country: 'US',
  letterhead: undefined,
  payer: undefined,
  noticeDays: 30,
  claimKeptDays: 3650,
  claimToleranceMinor: 0n,
  claimAloneMinor: 0n,
  tokenLifetimeSeconds: 600,
  beatSeconds: 60,
  trustPolicyFile: undefined,
  stripe: undefined,
  staffKey: undefined,
  logLevel: 'silent',
  keys: {
    pairwise: Buffer.alloc(32, 1),
    cursor: Buffer.alloc(32, 2),
    log: Buffer.alloc(32, 3),
    formerLogs: [],
  },
};
