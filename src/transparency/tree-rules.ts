import { createHash, hash } from 'node:crypto';

/** The root of a complete subtree: 2^level leaves, the index-th of that size. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Buffer;
}

/** Nodes of one kept level that lie beside each other: from included, to excluded. */
export interface Tile {
  readonly level: number;
  readonly from: number;
  readonly to: number;
}

/** Roots of subtrees are kept at each eighth level, as in C2SP tlog-tiles; the rest is recomputed. */
const tileHeight = 8;
const tileWidth = 2 ** tileHeight;

/** SHA-256(0x00 ‖ entry): the hash of a leaf (RFC 6962, section 2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(entry).digest();
}

const pair = Buffer.alloc(65, 1);

/** SHA-256(0x01 ‖ left ‖ right): the hash of an inner node (RFC 6962, section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return hash('sha256', pair, 'buffer');
}

/** The root over leaf hashes; of no leaves SHA-256(""), as RFC 6962 section 2.1 says. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return emptyRoot();
  return rangeRoot(0, leaves.length, leafOf(leaves));
}

/**
 * The hashes that lead from leaf `index` to the root, nearest first (RFC 6962, section 2.1.1).
 * Throws RangeError when there is no such leaf.
 */
export function inclusionPath(leaves: readonly Buffer[], index: number): Buffer[] {
  return pathTo(index, leaves.length, leafOf(leaves));
}

/**
 * The hashes which show that the tree over these leaves begins with the tree over the first `from` of
 * them (RFC 6962, section 2.1.2). Throws RangeError unless 1 ≤ from ≤ their number.
 */
export function consistencyPath(leaves: readonly Buffer[], from: number): Buffer[] {
  return consistency(from, leaves.length, leafOf(leaves));
}

/** The same for trees of `from` and `size` leaves out of the nodes of `tilesFor(from - 1, size)`. */
export function consistencyFromTiles(
  from: number,
  size: number,
  nodes: readonly TreeNode[],
): Buffer[] {
  return consistency(from, size, nodeOf(nodes));
}

/**
 * Puts leaves behind the `size` leaves whose right edge is `frontier`. Gives the new right edge and
 * the subtrees of kept levels that became complete.
 */
export function appendLeaves(
  size: number,
  frontier: readonly Buffer[],
  leaves: readonly Buffer[],
): { frontier: Buffer[]; completed: TreeNode[] } {
  const edge = [...frontier];
  const completed: TreeNode[] = [];
  for (const [offset, leaf] of leaves.entries()) {
    let node = leaf;
    let index = size + offset;
    for (let level = 0; index % 2 === 1;) {
      node = nodeHash(edge.pop() ?? missing(level, index - 1), node);
      index = (index - 1) / 2;
      level += 1;
      if (level % tileHeight === 0) completed.push({ level, index, hash: node });
    }
    edge.push(node);
  }
  return { frontier: edge, completed };
}

/** The root of the tree whose right edge this is. */
export function rootOfFrontier(frontier: readonly Buffer[]): Buffer {
  const [last, ...left] = [...frontier].reverse();
  return left.reduce((right, node) => nodeHash(node, right), last ?? emptyRoot());
}

/** What must be read to prove leaf `index` of `size`: at most two tiles for each kept level. */
export function tilesFor(index: number, size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; size >= 2 ** level; level += tileHeight) {
    const width = Math.floor(size / 2 ** level);
    const own = Math.floor(index / 2 ** (level + tileHeight)) * tileWidth;
    const edge = Math.floor(width / tileWidth) * tileWidth;
    for (const from of new Set([own, edge])) {
      const to = Math.min(from + tileWidth, width);
      if (from < to) tiles.push({ level, from, to });
    }
  }
  return tiles;
}

/** The root of the first `size` leaves out of the nodes of `tilesFor(size - 1, size)`. */
export function rootFromTiles(size: number, nodes: readonly TreeNode[]): Buffer {
  return size === 0 ? emptyRoot() : rangeRoot(0, size, nodeOf(nodes));
}

/** The inclusion path of leaf `index` of `size` out of the nodes of `tilesFor(index, size)`. */
export function pathFromTiles(index: number, size: number, nodes: readonly TreeNode[]): Buffer[] {
  return pathTo(index, size, nodeOf(nodes));
}

/** A subtree's root where it is known; undefined: made of its two halves. */
type KnownNode = (level: number, index: number) => Buffer | undefined;

function leafOf(leaves: readonly Buffer[]): KnownNode {
  return (level, index) => (level === 0 ? leaves[index] : undefined);
}

/** Of the kept levels every node that is asked for must be among these. */
function nodeOf(nodes: readonly TreeNode[]): KnownNode {
  const byPlace = new Map(
    nodes.map((node) => [`${String(node.level)}/${String(node.index)}`, node.hash]),
  );
  return (level, at) => {
    if (level % tileHeight !== 0) return undefined;
    return byPlace.get(`${String(level)}/${String(at)}`) ?? missing(level, at);
  };
}

function consistency(first: number, size: number, known: KnownNode): Buffer[] {
  if (!Number.isSafeInteger(first) || first < 1 || first > size) {
    throw new RangeError(`A tree of ${String(size)} does not begin with ${String(first)} leaves.`);
  }
  const path: Buffer[] = [];
  let [from, to] = [0, size];
  while (to > first) {
    const middle = from + largestPowerBelow(to - from);
    if (first <= middle) {
      path.push(rangeRoot(middle, to, known));
      to = middle;
    } else {
      path.push(rangeRoot(from, middle, known));
      from = middle;
    }
  }
  // The last whole part of the first tree is known to who knows that tree, where it is all of it.
  if (from > 0) path.push(rangeRoot(from, to, known));
  return path.reverse();
}

function pathTo(index: number, size: number, known: KnownNode): Buffer[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new RangeError(`There is no leaf ${String(index)} in a tree of ${String(size)}.`);
  }
  const path: Buffer[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      path.push(rangeRoot(middle, to, known));
      to = middle;
    } else {
      path.push(rangeRoot(from, middle, known));
      from = middle;
    }
  }
  return path.reverse();
}

function rangeRoot(from: number, to: number, known: KnownNode): Buffer {
  const level = Math.log2(to - from);
  const found = Number.isInteger(level) ? known(level, from / (to - from)) : undefined;
  if (found) return found;
  if (level === 0) return missing(0, from);
  const middle = from + largestPowerBelow(to - from);
  return nodeHash(rangeRoot(from, middle, known), rangeRoot(middle, to, known));
}

function missing(level: number, index: number): never {
  throw new RangeError(`Node ${String(index)} of level ${String(level)} is missing.`);
}

function emptyRoot(): Buffer {
  return createHash('sha256').digest();
}

/** The largest power of two smaller than `size` (size > 1). */
function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
