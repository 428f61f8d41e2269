import { findNodes } from '../archive/index.ts';
import { findHead, headLog, isRenewed } from '../logs/index.ts';
import type { Tools } from '../platform/tools.ts';
import { rootFromTiles, tilesFor } from '../transparency/index.ts';
import type { Backup } from './backup.ts';

/** Whether the database goes on from the head log that a backup says it was made of. */
export async function matchesHead(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  { head }: Pick<Backup, 'head'>,
): Promise<boolean> {
  if (head === null) return true;
  const { origin, size, root } = head;
  const found = await findHead(db, headLog);
  if (found?.origin !== origin) return isRenewed(db, origin);
  if (found.size < size) return false;
  const nodes = await findNodes({ db, settings }, headLog, tilesFor(size - 1, size));
  return rootFromTiles(size, nodes).toString('base64url') === root;
}
