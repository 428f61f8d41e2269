import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/** A server holds the data folder for its whole life; a command comes and goes. */
export type GuestKind = 'server' | 'command';

/** A process that uses the embedded database. Read and written inside the gate alone. */
export interface Guest {
  readonly kind: GuestKind;
  readonly process: ProcessIdentity;
  /** Whether the last one out, if it is this one, stops the database. */
  readonly mayStop: boolean;
}

/**
 * The living guests; the notes of dead ones are removed. A guest in another container can't be seen:
 * it is taken to live as long as the database answers.
 */
export function livingGuests(folder: string, databaseAnswers: boolean): Guest[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const guest = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Guest;
      if (isRunning(guest.process) ?? databaseAnswers) return [guest];
      rmSync(join(folder, name), { force: true });
      return [];
    });
}

export function enterGuest(folder: string, kind: GuestKind, mayStop: boolean): void {
  writeGuest(folder, { kind, process: ownIdentity(), mayStop });
}

/**
 * Takes this process off the list and answers whether it should stop the database: it may, and
 * nobody is left. If others are left, it hands the right to stop on to one of them.
 */
export function leaveGuest(folder: string): boolean {
  const { pid } = ownIdentity();
  const guests = livingGuests(folder, true);
  const me = guests.find((guest) => guest.process.pid === pid);
  const others = guests.filter((guest) => guest !== me);
  rmSync(fileOf(folder, ownIdentity()), { force: true });
  if (me?.mayStop !== true) return false;
  const heir = others[0];
  if (heir === undefined) return true;
  if (!others.some((guest) => guest.mayStop)) writeGuest(folder, { ...heir, mayStop: true });
  return false;
}

function writeGuest(folder: string, guest: Guest): void {
  const file = fileOf(folder, guest.process);
  writeFileSync(`${file}.new`, JSON.stringify(guest), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const fileOf = (folder: string, { pid, space }: ProcessIdentity) =>
  join(folder, `${String(pid)}-${space.replaceAll(/\W/g, '')}.json`);
