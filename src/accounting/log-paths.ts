import { findNodes } from '../archive/index.ts';
import type { Tools } from '../platform/tools.ts';
import { pathFromTiles, tilesFor, type TreeNode } from '../transparency/index.ts';

/** The way from an entry, by its index, to the root of the log. */
export type PathTo = (index: number) => Promise<Buffer[]>;

const mostTiles = 64;

/** Paths under the checkpoint of this size; asked for in order, each tile is read once. */
export function placesOf(
  tools: Pick<Tools, 'db' | 'settings'>,
  recipientId: string,
  size: number,
): PathTo {
  const read = new Map<string, readonly TreeNode[]>();
  return async (index) => {
    const nodes: TreeNode[] = [];
    for (const tile of tilesFor(index, size)) {
      const key = `${String(tile.level)}/${String(tile.from)}`;
      const found = read.get(key) ?? (await findNodes(tools, recipientId, [tile]));
      if (read.size >= mostTiles) read.clear();
      read.set(key, found);
      nodes.push(...found);
    }
    return pathFromTiles(index, size, nodes);
  };
}
