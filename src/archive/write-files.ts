import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findEntries } from './find-entries.ts';
import { findStoredNodes, signCheckpoint, type LogHead } from '../logs/index.ts';
import type { Tools } from '../platform/tools.ts';
import { writeWhole } from '../platform/write-whole.ts';
import { entryBundle, nodesOfTile, rootOf, tilePathOf, tilesOf } from '../transparency/index.ts';
import { bundleWidth, pathsOf } from './archive-rules.ts';

/**
 * Writes the first `past` entries of a log as C2SP tlog-tiles: bundles and tiles, the checkpoint of
 * that size last. Each file is on disk when the next is begun; a bundle that is there stays, and is
 * not trusted for it: whoever exports reads all of them back.
 */
export async function writeFiles(
  tools: Pick<Tools, 'db' | 'settings'>,
  { head, past, folder }: { head: LogHead; past: number; folder: string },
): Promise<void> {
  const { recipientId, origin } = head;
  for (let bundle = 0; bundle < past / bundleWidth; bundle += 1) {
    const { entries, hashes } = pathsOf(bundle);
    if ((await isThere(folder, entries)) && (await isThere(folder, hashes))) continue;
    const from = bundle * bundleWidth;
    const found = await findEntries(tools, recipientId, { from, to: from + bundleWidth });
    if (found.length !== bundleWidth) throw new Error('A bundle of the log has gaps.');
    await write(folder, entries, entryBundle(found.map(({ entry }) => Buffer.from(entry))));
    await write(folder, hashes, Buffer.concat(found.map(({ leafHash }) => leafHash)));
  }
  for (const tile of tilesOf(past).filter(({ level }) => level > 0)) {
    const nodes = await findStoredNodes(tools.db, recipientId, [nodesOfTile(tile)]);
    const inOrder = nodes.toSorted((one, other) => one.index - other.index);
    const path = `tile/${String(tile.level)}/${tilePathOf(tile)}`;
    await write(folder, path, Buffer.concat(inOrder.map(({ hash }) => hash)));
  }
  const kept = { level: 8, from: 0, to: past / bundleWidth };
  const roots = await findStoredNodes(tools.db, recipientId, [kept]);
  const root = rootOf(
    roots.toSorted((one, other) => one.index - other.index).map(({ hash }) => hash),
  );
  const checkpoint = signCheckpoint(tools.settings, { recipientId, origin, size: past, root });
  await write(folder, 'checkpoint', Buffer.from(checkpoint));
}

async function isThere(folder: string, path: string): Promise<boolean> {
  return readFile(join(folder, path)).then(
    () => true,
    () => false,
  );
}

async function write(folder: string, path: string, bytes: Buffer): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  writeWhole(file, bytes);
}
