import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { idsOf } from './database-user.ts';
import { socketIn, type Place } from './place.ts';
import { isAlive, isKnown, programOf } from './process-identity.ts';
import { unfit } from './unfit.ts';

/** PostgreSQL's settings as `name: value`. */
export type ServerSettings = Readonly<Record<string, string>>;

/**
 * The number of the running postmaster of this place, or undefined. One that recovers or stops is
 * waited for.
 */
export async function runningPostmaster(place: Place): Promise<number | undefined> {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (!(await answers(place))) return undefined;
    const file = pidFileOf(place);
    if (file?.state === 'ready') return file.pid;
    await wait(10);
  }
  throw unfit(`The database in ${place.folder} runs, but is not ready after a minute.`);
}

/** Whether something listens on the database's socket. */
export function answers(place: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketIn(place.socketFolder));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/**
 * Starts PostgreSQL and waits until it takes connections (a recovery may take its time). It gets
 * its own process group, so that Ctrl-C reaches this process alone, which then stops it in order.
 */
export async function startPostmaster(
  place: Place,
  postgres: string,
  settings: ServerSettings,
): Promise<number> {
  const all = {
    ...serverSettings,
    ...settings,
    unix_socket_directories: quoted(place.socketFolder),
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  for (let patience = 600; ; patience -= 1) {
    forgetStranger(place);
    const logFrom = turnLog(logOf(place));
    const pid = await spawnPostmaster(place, postgres, flags);
    if (pid !== undefined) return pid;
    const said = existsSync(logOf(place))
      ? readFileSync(logOf(place)).subarray(logFrom).toString()
      : '';
    // A killed postmaster takes a moment to be gone, and its backends one more to notice.
    if (patience === 0 || !/pre-existing shared memory block|already exists/.test(said)) {
      throw unfit(`PostgreSQL did not start: ${said.trim().split('\n').slice(-3).join(' ')}`);
    }
    await wait(100);
  }
}

/** Stops PostgreSQL fast: sessions are ended, everything acknowledged is on disk. */
export async function stopPostmaster(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    return;
  }
  for (let tries = 0; isAlive(pid); tries += 1) {
    if (tries === 12_000) throw unfit(`PostgreSQL (process ${String(pid)}) does not stop.`);
    await wait(5);
  }
}

async function spawnPostmaster(
  place: Place,
  postgres: string,
  flags: readonly string[],
): Promise<number | undefined> {
  const log = openSync(logOf(place), 'a', 0o600);
  const child = spawn(postgres, ['-D', clusterOf(place), ...flags], {
    ...idsOf(place.user),
    cwd: place.folder,
    env: cleanEnvironment,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const end = { isOver: false };
  child.once('exit', () => {
    end.isOver = true;
  });
  // The program can't be run at all.
  const failure = once(child, 'error').then(([error]: unknown[]) => {
    throw unfit(`PostgreSQL did not start: ${String(error)}`, error);
  });
  failure.catch(() => undefined);
  while (!end.isOver) {
    const file = pidFileOf(place);
    if (file !== undefined && file.pid === child.pid && file.state === 'ready') return child.pid;
    await Promise.race([wait(10), failure]);
  }
  return undefined;
}

function pidFileOf(place: Place): { pid: number; state: string } | undefined {
  try {
    const lines = readFileSync(join(clusterOf(place), 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? { pid, state: (lines[7] ?? '').trim() } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * After a crash the number in postmaster.pid may belong to another program (in a container that is
 * likely) or to a dead process that nobody has reaped, and PostgreSQL would refuse to start. A
 * number that nobody has lets it look at the shared memory, which is its better evidence.
 */
function forgetStranger(place: Place): void {
  const pid = pidFileOf(place)?.pid;
  if (pid === undefined || !isKnown(pid)) return;
  const program = programOf(pid);
  if (isAlive(pid) && (program === '' || program === 'postgres')) return;
  const file = join(clusterOf(place), 'postmaster.pid');
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, ['99999999', ...rest].join('\n'));
}

/** Keeps one older log beside the current one. Answers how long the current one is. */
function turnLog(log: string): number {
  if (!existsSync(log)) return 0;
  const { size } = statSync(log);
  if (size < 10_000_000) return size;
  rmSync(`${log}.1`, { force: true });
  renameSync(log, `${log}.1`);
  return 0;
}

// PostgreSQL's log must not repeat what customers told us: neither statements nor values.
const serverSettings: ServerSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  timezone: 'UTC',
  log_timezone: 'UTC',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

export const cleanEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
export const clusterOf = (place: Place): string => join(place.folder, 'cluster');
const logOf = (place: Place) => join(place.folder, 'postgres.log');
const quoted = (path: string) => `"${path.replaceAll('"', '""')}"`;
