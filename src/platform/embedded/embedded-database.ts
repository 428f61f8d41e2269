import { join } from 'node:path';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { systemRandomness } from '../randomness.ts';
import { findBinaries } from './binaries.ts';
import { makeCluster, openLogins, type Logins } from './cluster.ts';
import { insideGate } from './gate.ts';
import { enterGuest, leaveGuest, livingGuests, type GuestKind } from './guests.ts';
import { findPlace, type Place } from './place.ts';
import {
  runningPostmaster,
  startPostmaster,
  stopPostmaster,
  type ServerSettings,
} from './postmaster.ts';
import { prepareServer } from './roles.ts';

export const DataFolderTaken: RefusalKind = {
  code: 'data-folder-taken',
  status: 409,
  title: 'Another server runs on this data folder.',
};

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** A second server on the same data folder is refused; commands come beside it. */
  readonly as: GuestKind;
  /** XDG_STATE_HOME, where the data folder can't hold the database. */
  readonly stateHome?: string | undefined;
  /** PostgreSQL's settings beside ours. Tests alone turn fsync off. */
  readonly settings?: ServerSettings;
  /** Where the database is, when it is not in the data folder. */
  readonly say?: (line: string) => void;
}

export interface EmbeddedDatabase {
  readonly logins: Logins;
  readonly folder: string;
  readonly socketFolder: string;
  /** Whether this process started PostgreSQL, or found it running. */
  readonly isOwn: boolean;
  /** Whether there was no database before. */
  readonly isNew: boolean;
  /** Leaves; the last one out stops PostgreSQL, unless it came to a database left running by a crash. */
  close(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm ships on this data folder, or joins the one that runs. It listens
 * on a Unix socket alone. A server also takes over what a killed process left running, and starts
 * PostgreSQL again when it dies under it.
 */
export async function openEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const place = findPlace(options.dataDir, options.stateHome);
  if (place.moved !== undefined) {
    options.say?.(`${options.dataDir} can't hold the whole database: ${place.moved}.`);
  }
  const logins = await insideGate(gateOf(place), async () => {
    const running = await runningPostmaster(place);
    const others = livingGuests(guestsOf(place), running !== undefined);
    refuseSecondServer(options, others);
    const all = openLogins(place, systemRandomness);
    const isNew = running === undefined && (await start(place, options));
    if (running === undefined || others.length === 0) {
      await prepareServer(all.superuser, [all.migrator, all.app, all.reader]);
    }
    enterGuest(guestsOf(place), options.as, options.as === 'server' || running === undefined);
    return { all, isOwn: running === undefined, isNew };
  });
  const watch = options.as === 'server' ? keepRunning(place, options) : undefined;
  return {
    logins: logins.all,
    folder: place.folder,
    socketFolder: place.socketFolder,
    isOwn: logins.isOwn,
    isNew: logins.isNew,
    close: async () => {
      await watch?.stop();
      await leave(place);
    },
  };
}

/** Starts PostgreSQL; says whether a new cluster was made for it. */
async function start(place: Place, options: EmbeddedOptions): Promise<boolean> {
  const { postgres, initdb } = findBinaries(place.user, place.folder);
  const isNew = makeCluster(place, initdb, options.settings?.['fsync'] === 'off');
  await startPostmaster(place, postgres, options.settings ?? {});
  return isNew;
}

async function leave(place: Place): Promise<void> {
  await insideGate(gateOf(place), async () => {
    if (!leaveGuest(guestsOf(place))) return;
    const pid = await runningPostmaster(place);
    if (pid !== undefined) await stopPostmaster(pid);
  });
}

function refuseSecondServer(
  { as, dataDir }: EmbeddedOptions,
  others: ReturnType<typeof livingGuests>,
): void {
  const server = others.find((guest) => guest.kind === 'server');
  if (as !== 'server' || server === undefined) return;
  throw new Refusal(
    DataFolderTaken,
    `A server (process ${String(server.process.pid)}) already runs on ${dataDir}: stop it first, or give this one another SLUICE_DATA_DIR.`,
  );
}

/** Looks every half second whether PostgreSQL still answers, and starts it again if not. */
function keepRunning(place: Place, options: EmbeddedOptions): { stop(): Promise<void> } {
  let round: Promise<void> = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    round = startAgain(place, options)
      .catch((error: unknown) => {
        options.say?.(`The database can't be started again: ${String(error)}`);
      })
      .finally(() => {
        isLooking = false;
      });
  }, 500);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}

async function startAgain(place: Place, options: EmbeddedOptions): Promise<void> {
  if ((await runningPostmaster(place)) !== undefined) return;
  await insideGate(gateOf(place), async () => {
    if ((await runningPostmaster(place)) !== undefined) return;
    options.say?.('The database ended: starting it again.');
    await start(place, options);
  });
}

export const gateOf = (place: Place): string => join(place.folder, 'gate');
const guestsOf = (place: Place) => join(place.folder, 'guests');
