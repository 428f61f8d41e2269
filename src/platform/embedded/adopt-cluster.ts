import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../write-whole.ts';
import { findBinaries } from './binaries.ts';
import { cleanEnvironment, clusterOf } from './postmaster.ts';
import { giveTo, idsOf } from './database-user.ts';
import { gateOf } from './embedded-database.ts';
import { insideGate } from './gate.ts';
import { findPlace, knownFolder, type Place } from './place.ts';

/** What must be filled before it becomes the database: two folders that are not there yet. */
export interface ClusterDrafts {
  readonly cluster: string;
  readonly passwords: string;
  /** Gives a file or folder to the database's user. */
  readonly own: (path: string) => void;
}

/** The folder of the embedded database, with `cluster` and `passwords`; undefined where there is none. */
export function findDatabaseFolder(dataDir: string): string | undefined {
  const folder = knownFolder(dataDir);
  return folder !== undefined && existsSync(join(folder, 'cluster')) ? folder : undefined;
}

/**
 * Puts a cluster that was copied from elsewhere into a data folder that has none: filled aside, then
 * renamed, the cluster last. Nobody else can start or make a database there meanwhile. Answers
 * whether it was free; nothing is filled where it was not.
 */
export async function adoptCluster(
  { dataDir, stateHome }: { dataDir: string; stateHome: string | undefined },
  fill: (drafts: ClusterDrafts) => Promise<void>,
): Promise<boolean> {
  const place = findPlace(dataDir, stateHome);
  return insideGate(gateOf(place), () => adopt(place, fill));
}

async function adopt(
  place: Place,
  fill: (drafts: ClusterDrafts) => Promise<void>,
): Promise<boolean> {
  if (existsSync(clusterOf(place))) return false;
  clearDrafts(place);
  const passwords = join(place.folder, 'passwords');
  const drafts = {
    cluster: `${clusterOf(place)}.making-${String(process.pid)}`,
    passwords: `${passwords}.making-${String(process.pid)}`,
    own: (path: string) => {
      giveTo(place.user, path);
    },
  };
  try {
    await fill(drafts);
    // Passwords without a database open nothing.
    rmSync(passwords, { recursive: true, force: true });
    renameSync(drafts.passwords, passwords);
    syncFolder(place.folder);
    renameSync(drafts.cluster, clusterOf(place));
    syncFolder(place.folder);
    return true;
  } catch (error) {
    clearDrafts(place);
    throw error;
  }
}

function clearDrafts({ folder }: Place): void {
  for (const name of readdirSync(folder)) {
    if (/^(cluster|passwords)\.making-/.test(name)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** The major version of the PostgreSQL that would run in this data folder, such as 18. */
export function embeddedVersion(dataDir: string, stateHome: string | undefined): string {
  const place = findPlace(dataDir, stateHome);
  mkdirSync(place.folder, { recursive: true });
  const { postgres } = findBinaries(place.user, place.folder);
  const options = { ...idsOf(place.user), cwd: place.folder, env: cleanEnvironment };
  const { stdout } = spawnSync(postgres, ['--version'], { ...options, encoding: 'utf8' });
  return /(\d+)[.\w]*\s*$/.exec(stdout)?.[1] ?? '';
}
