import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/**
 * Runs `work` while no other process is inside the same gate, a folder of its own. A holder that
 * died is passed by. The holder is who made the file with the highest number: taking over means
 * making the next number, which only one process can, so no two ever believe they hold it.
 */
export async function insideGate<Result>(
  folder: string,
  work: () => Promise<Result>,
): Promise<Result> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mine = await enter(folder);
  try {
    return await work();
  } finally {
    replace(join(folder, String(mine)), { free: true });
  }
}

type Turn = ProcessIdentity | { readonly free: true };

async function enter(folder: string): Promise<number> {
  for (let tries = 0; tries < 6000; tries += 1) {
    const last = Math.max(0, ...turnsIn(folder));
    if (last === 0 || isOver(join(folder, String(last)))) {
      const mine = last + 1;
      if (take(folder, mine)) return mine;
    } else {
      await wait(20);
    }
  }
  throw new Error(`Another process has held ${folder} for two minutes.`);
}

function take(folder: string, mine: number): boolean {
  const draft = join(folder, `draft-${String(process.pid)}`);
  writeFileSync(draft, JSON.stringify(ownIdentity()), { mode: 0o600 });
  try {
    linkSync(draft, join(folder, String(mine)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  // A slow process may have made a number that was used and cleared away since.
  if (Math.max(...turnsIn(folder)) > mine) {
    rmSync(join(folder, String(mine)), { force: true });
    return false;
  }
  for (const turn of turnsIn(folder)) {
    if (turn < mine) rmSync(join(folder, String(turn)), { force: true });
  }
  return true;
}

function isOver(file: string): boolean {
  let turn: Turn;
  try {
    turn = JSON.parse(readFileSync(file, 'utf8')) as Turn;
  } catch (error) {
    // Cleared away by the next holder: look again.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
  // From another container nothing is known; its turn is short, so its end is taken for granted.
  return 'free' in turn || isRunning(turn) !== true;
}

function replace(file: string, turn: Turn): void {
  writeFileSync(`${file}.new`, JSON.stringify(turn), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const turnsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
