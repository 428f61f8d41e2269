import { readdirSync, readFileSync } from 'node:fs';

const microsPerTick = 1_000_000 / 100;

/**
 * User and system time of a PostgreSQL server so far, in microseconds: of its postmaster, of all
 * that it started and of those that have ended (Linux, proc(5); the tick is a hundredth of a second).
 */
export function postgresCpuMicros(postmaster: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const fields = statOf(name);
    const [user = 0, system = 0, userOfEnded = 0, systemOfEnded = 0] = fields.slice(11).map(Number);
    if (Number(name) === postmaster) ticks += user + system + userOfEnded + systemOfEnded;
    else if (Number(fields[1]) === postmaster) ticks += user + system;
  }
  return ticks * microsPerTick;
}

/** The fields after the program's name: state, parent, … */
function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
