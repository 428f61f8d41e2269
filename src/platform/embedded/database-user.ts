import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { unfit } from './unfit.ts';

/** Who PostgreSQL runs as: it refuses root. Undefined ids mean the user of this process. */
export interface DatabaseUser {
  readonly uid?: number;
  readonly gid?: number;
  readonly name: string;
}

/** As root: the owner of the cluster there is, else postgres, else nobody. */
export function databaseUser(cluster: string): DatabaseUser {
  if (process.getuid?.() !== 0) return { name: 'this user' };
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const owner = existsSync(cluster) ? statSync(cluster).uid : 0;
  const user =
    users.find((one) => owner !== 0 && one.uid === owner) ??
    users.find((one) => one.name === 'postgres') ??
    users.find((one) => one.name === 'nobody');
  if (user === undefined) {
    throw unfit('PostgreSQL does not run as root, and there is no user postgres or nobody.');
  }
  return user;
}

/** The ids to start a process with, and a place it may stand in. */
export function idsOf(user: DatabaseUser): { uid?: number; gid?: number } {
  return user.uid === undefined || user.gid === undefined ? {} : { uid: user.uid, gid: user.gid };
}

export function giveTo(user: DatabaseUser, path: string): void {
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
}

/** Whether the database's user gets through to a folder or may start a program. */
export function canReach(user: DatabaseUser, path: string): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'test -x "$0"', path], { ...idsOf(user), cwd: '/' }).status === 0
  );
}
