import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** A process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
  /** Numbers mean nothing in another container's name space; '' where there are none. */
  readonly space: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startedAt: startOf(process.pid), space: ownSpace() };
}

/** Whether that very process runs; undefined where it can't be known from in here. */
export function isRunning(identity: ProcessIdentity): boolean | undefined {
  if (identity.space !== ownSpace()) return undefined;
  return isAlive(identity.pid) && startOf(identity.pid) === identity.startedAt;
}

/** Whether it is certain that this process is over: it ran on this machine, since its last start. */
export function hasEnded(identity: ProcessIdentity): boolean {
  const [boot = ''] = identity.startedAt.split(' ');
  return boot !== '' && boot === bootId() && isRunning(identity) === false;
}

/** Whether a process of that number runs, whoever owns it; one that only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  return isKnown(pid) && statOf(pid)?.[0] !== 'Z';
}

/** Whether the system knows the number, dead or alive. */
export function isKnown(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Name of the program that runs under a number; '' where it can't be known. */
export function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Linux: clock ticks since the machine's boot, with the boot's id. Elsewhere what ps says. */
function startOf(pid: number): string {
  const ticks = statOf(pid)?.[19];
  if (ticks !== undefined) return `${bootId()} ${ticks}`;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/** The fields of /proc/<pid>/stat after the program's name, which may hold blanks itself. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function ownSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
