import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Login } from '../database.ts';
import type { Randomness } from '../randomness.ts';
import { giveTo, idsOf } from './database-user.ts';
import type { Place } from './place.ts';
import { cleanEnvironment, clusterOf } from './postmaster.ts';
import { unfit } from './unfit.ts';

/** Who logs in to the embedded database. */
export interface Logins {
  readonly superuser: Login;
  readonly migrator: Login;
  readonly app: Login;
  readonly reader: Login;
}

/** Reads the logins' passwords (32 random bytes each), and makes those that are missing. */
export function openLogins(place: Place, random: Randomness): Logins {
  const folder = join(place.folder, 'passwords');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  giveTo(place.user, folder);
  const loginOf = (user: string): Login => ({
    host: place.socketFolder,
    port: 5432,
    user,
    password: openPassword(place, join(folder, user), random),
    database: 'sluice',
  });
  return {
    superuser: { ...loginOf('sluice_superuser'), database: 'postgres' },
    migrator: loginOf('sluice_migrator'),
    app: loginOf('sluice_app'),
    reader: loginOf('sluice_reader'),
  };
}

/**
 * Makes the cluster where there is none: aside, then renamed, so that a start that is killed leaves
 * nothing that looks like one. Says whether there was none. `isThrowaway` saves the waiting for the disk.
 */
export function makeCluster(place: Place, initdb: string, isThrowaway: boolean): boolean {
  const cluster = clusterOf(place);
  if (existsSync(join(cluster, 'PG_VERSION'))) return false;
  for (const name of readdirSync(place.folder)) {
    if (name.startsWith('cluster.making-')) {
      rmSync(join(place.folder, name), { recursive: true, force: true });
    }
  }
  const draft = `${cluster}.making-${String(process.pid)}`;
  const words = ['-D', draft, '-U', 'sluice_superuser', '--auth=scram-sha-256', '-E', 'UTF8'];
  const password = `--pwfile=${join(place.folder, 'passwords', 'sluice_superuser')}`;
  const rest = ['--locale=C', '--data-checksums', '--no-instructions', password];
  const { status, stderr } = spawnSync(
    initdb,
    [...words, ...rest, ...(isThrowaway ? ['--no-sync'] : [])],
    { ...idsOf(place.user), cwd: place.folder, env: cleanEnvironment, encoding: 'utf8' },
  );
  if (status !== 0) throw unfit(`The database could not be made: ${stderr.trim()}`);
  renameSync(draft, cluster);
  return true;
}

function openPassword(place: Place, file: string, random: Randomness): string {
  if (!existsSync(file)) {
    const draft = `${file}.${String(process.pid)}`;
    writeFileSync(draft, random.bytes(32).toString('base64url'), { mode: 0o600, flush: true });
    giveTo(place.user, draft);
    linkSync(draft, file);
    rmSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
