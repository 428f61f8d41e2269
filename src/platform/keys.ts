import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Randomness } from './randomness.ts';
import { syncFolder, writeWhole } from './write-whole.ts';

/** Secrets: made on first start, kept in the data folder, never logged. */
export interface Keys {
  /** 32 bytes; keys of pairwise ids are derived from it, one per partner. */
  readonly pairwise: Buffer;
  /** 32 bytes; seals cursors. */
  readonly cursor: Buffer;
  /** Ed25519 private key seed (32 bytes) that signs checkpoints. */
  readonly log: Buffer;
  /** The seeds that signed before it, the latest first: partners still know their keys. */
  readonly formerLogs: readonly Buffer[];
}

/**
 * Reads the keys of a folder; adds a sentence to `problems` for each that is missing, has another
 * size than 32 bytes or can be read by others. Undefined where there is a problem.
 */
export function readKeys(folder: string, problems: string[]): Keys | undefined {
  if (!existsSync(folder)) {
    problems.push(`The folder of the keys, ${folder}, is missing: restore it from a backup.`);
    return undefined;
  }
  const [pairwise, cursor, log] = names.map((name) => readKey(folder, name, problems));
  const formerLogs = readFormer(folder, problems);
  return pairwise && cursor && log && formerLogs
    ? Object.freeze({
        pairwise,
        cursor,
        log,
        formerLogs: formerLogs.filter((key) => !key.equals(log)),
      })
    : undefined;
}

/** The files log.1, log.2, …: what `log` was before each rotation. */
function readFormer(folder: string, problems: string[]): Buffer[] | undefined {
  const files = formerNames(folder).reverse();
  const keys = files.map((name) => readKey(folder, name, problems));
  const read = keys.filter((key) => key !== undefined);
  return read.length === keys.length ? read : undefined;
}

function formerNames(folder: string): FormerName[] {
  const numbers = readdirSync(folder).flatMap((name) => {
    const [, number] = /^log\.([1-9][0-9]{0,5})$/.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers
    .sort((one, other) => one - other)
    .map((number) => `log.${String(number)}` as const);
}

/**
 * Puts a new key of the log in the place of the present one, which is kept as log.1, log.2, …; after
 * a crash the folder has the old key or the new one, and both are readable. Processes that run go on
 * with the old one until they start again.
 */
export function rotateLogKey(folder: string, random: Randomness): void {
  const last = formerNames(folder).at(-1);
  const next = `log.${String(last === undefined ? 1 : Number(last.slice(4)) + 1)}`;
  writeWhole(join(folder, next), readFileSync(join(folder, 'log')));
  writeWhole(join(folder, 'log'), random.bytes(32));
}

function writeSecret(file: string, bytes: Buffer): void {
  writeFileSync(file, bytes, { mode: 0o600, flush: true });
}

/**
 * Makes the keys of a folder that is not there: all three aside, on disk, then renamed, so that two
 * first starts agree and a crash leaves no half set. A folder that is there is left alone: a key
 * that was lost must be restored, since a new one would change what partners hold.
 */
export function makeKeys(folder: string, random: Randomness): void {
  if (existsSync(folder)) return;
  const draft = `${folder}.making-${String(process.pid)}`;
  rmSync(draft, { recursive: true, force: true });
  // The data folder itself stays passable: the embedded database's user may be another.
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  mkdirSync(draft, { mode: 0o700 });
  for (const name of names) {
    writeSecret(join(draft, name), random.bytes(32));
  }
  syncFolder(draft);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another first start was faster: its keys are the keys.
    if (!existsSync(folder)) throw error;
  }
  syncFolder(dirname(folder));
}

function readKey(
  folder: string,
  name: KeyName | FormerName,
  problems: string[],
): Buffer | undefined {
  const file = join(folder, name);
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      problems.push(`The key ${file} can be read by others: its rights must be 0600.`);
      return undefined;
    }
    const key = readFileSync(file);
    if (key.length === 32) return key;
    problems.push(`The key ${file} has ${String(key.length)} bytes, not 32.`);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    problems.push(
      isMissing
        ? `The key ${file} is missing: restore it from a backup; a new one would ${lossOf[name as KeyName]}.`
        : `The key ${file} can't be read.`,
    );
  }
  return undefined;
}

const names = ['pairwise', 'cursor', 'log'] as const;
type KeyName = (typeof names)[number];
type FormerName = `log.${string}`;

/** What would come of another key in place of one that was lost. */
const lossOf: Readonly<Record<KeyName, string>> = {
  pairwise: 'change every id that partners know',
  cursor: 'make the cursors that partners hold invalid',
  log: 'sign with a key that no partner knows, and no checkpoint would follow the old ones',
};
