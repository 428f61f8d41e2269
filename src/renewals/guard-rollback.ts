import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findNodes } from '../archive/index.ts';
import { findHead, headLog, isRenewed, type LogHead } from '../logs/index.ts';
import { rootFromTiles, tilesFor, type Checkpoint } from '../transparency/index.ts';
import { keptFile, LogRollback, readKept } from './kept-checkpoint.ts';

/** What was published of the head log and is not in the database. */
export interface Lost extends Omit<Checkpoint, 'root'> {
  /** Unknown where a witness alone tells of it. */
  readonly root: Buffer | undefined;
  /** How many entries the database has. */
  readonly found: number;
}

/**
 * Resolves where the database goes on from the last checkpoint that is kept outside it. Throws
 * Refusal `log-rollback` where it does not: a backup was restored, or somebody took entries away.
 */
export async function guardRollback(tools: Pick<Tools, 'db' | 'settings'>): Promise<void> {
  const lost = await findLost(tools);
  if (!lost) return;
  const { found, size } = lost;
  const what =
    found < size
      ? `it has ${String(found)} entries of the head log, and ${String(size)} were published`
      : `its head log is another one than the published one of ${String(size)} entries`;
  throw new Refusal(
    LogRollback,
    `${what} (${keptFile(tools.settings)}). Restore a newer backup, or let the logs go on under new names: \`sluice log renew --reason …\`.`,
  );
}

/** What was published and is gone; undefined where nothing is. */
export async function findLost({
  db,
  settings,
}: Pick<Tools, 'db' | 'settings'>): Promise<Lost | undefined> {
  const kept = readKept(settings);
  if (!kept) return undefined;
  const head = await findHead(db, headLog);
  if (head && head.origin !== kept.origin && (await isRenewed(db, kept.origin))) return undefined;
  const isThere =
    head?.origin === kept.origin && (await hasGrownFrom({ db, settings }, head, kept));
  return isThere ? undefined : { ...kept, found: head?.size ?? 0 };
}

async function hasGrownFrom(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  { size: present }: LogHead,
  { size, root }: Checkpoint,
): Promise<boolean> {
  if (size > present || size === 0) return size === present;
  const nodes = await findNodes({ db, settings }, headLog, tilesFor(size - 1, size));
  return rootFromTiles(size, nodes).equals(root);
}
