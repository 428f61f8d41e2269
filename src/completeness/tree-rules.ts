import { appendLeaves, pathFromTiles, rootOfFrontier } from '../transparency/index.ts';
import type { TreeNode } from '../transparency/index.ts';
import { hashOfLeaf, type DayLeaf } from './digest-rules.ts';

/** A leaf where it stands in the tree, and the way from it to the root. */
export interface PlacedLeaf extends DayLeaf {
  readonly position: number;
  readonly path: readonly Buffer[];
}

export interface DayTree {
  readonly size: number;
  readonly root: Buffer;
  /** The leaf that was asked for, or the one or two between which it would stand. */
  readonly shown: readonly PlacedLeaf[];
}

/** So many customers are sorted at once: 68 bytes each, and some for their order. */
const mostAtOnce = 1_000_000;
const leafBytes = 68;
const tileWidth = 256;

/**
 * The tree over a day's leaves, sorted by pseudonym; `wanted` is a pseudonym whose leaf, or whose
 * absence, is to be shown. With more customers than are sorted at once the leaves are gone through
 * several times, each time for a part of the pseudonyms.
 */
export async function growDayTree(
  leaves: () => AsyncIterable<DayLeaf>,
  { wanted, atOnce = mostAtOnce }: { wanted?: Buffer | undefined; atOnce?: number } = {},
): Promise<DayTree> {
  for (let parts = 1; ; parts *= 4) {
    const grown = await growInParts(leaves, { wanted, atOnce, parts });
    if (grown) return grown;
  }
}

/** Undefined: a part has more leaves than fit. */
async function growInParts(
  leaves: () => AsyncIterable<DayLeaf>,
  { wanted, atOnce, parts }: { wanted: Buffer | undefined; atOnce: number; parts: number },
): Promise<DayTree | undefined> {
  const tree = startTree();
  const shown: (DayLeaf & { position: number })[] = [];
  let before: DayLeaf | undefined;
  let isPassed = false;
  for (let part = 0; part < parts; part += 1) {
    const sorted = await sortedPart(leaves, { atOnce, parts, part });
    if (!sorted) return undefined;
    for (const leaf of sorted) {
      const position = tree.size();
      const order = wanted && !isPassed ? Buffer.compare(leaf.pseudonym, wanted) : -1;
      if (order >= 0) {
        if (order > 0 && before) shown.push({ ...before, position: position - 1 });
        shown.push({ ...leaf, position });
        isPassed = true;
      }
      before = leaf;
      tree.add(hashOfLeaf(leaf), order >= 0);
    }
  }
  if (wanted && !isPassed && before) {
    shown.push({ ...before, position: tree.size() - 1 });
  }
  const { size, root, pathOf } = tree.end();
  return { size, root, shown: shown.map((leaf) => ({ ...leaf, path: pathOf(leaf.position) })) };
}

async function sortedPart(
  leaves: () => AsyncIterable<DayLeaf>,
  { atOnce, parts, part }: { atOnce: number; parts: number; part: number },
): Promise<Iterable<DayLeaf> | undefined> {
  let rows = Buffer.allocUnsafe(Math.min(atOnce, 1024) * leafBytes);
  let count = 0;
  for await (const { pseudonym, count: own, entriesHash } of leaves()) {
    if (Math.floor((pseudonym.readUInt32BE(0) / 2 ** 32) * parts) !== part) continue;
    if (count === atOnce) return undefined;
    if (rows.length < (count + 1) * leafBytes) rows = Buffer.concat([rows, rows]);
    const at = count * leafBytes;
    rows.set(pseudonym, at);
    rows.writeUInt32BE(own, at + 32);
    rows.set(entriesHash, at + 36);
    count += 1;
  }
  const keys = Float64Array.from({ length: count }, (_, i) => rows.readUIntBE(i * leafBytes, 6));
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (one, other) =>
      (keys[one] ?? 0) - (keys[other] ?? 0) ||
      rows.compare(
        rows,
        other * leafBytes,
        other * leafBytes + 32,
        one * leafBytes,
        one * leafBytes + 32,
      ),
  );
  return rowsInOrder(rows, order);
}

function* rowsInOrder(rows: Buffer, order: Uint32Array): Generator<DayLeaf> {
  for (const i of order) {
    const row = Buffer.from(rows.subarray(i * leafBytes, (i + 1) * leafBytes));
    yield {
      pseudonym: row.subarray(0, 32),
      count: row.readUInt32BE(32),
      entriesHash: row.subarray(36),
    };
  }
}

/** A tree that grows by one leaf; it keeps the tiles of the leaves that will be proven. */
function startTree() {
  let frontier: Buffer[] = [];
  let size = 0;
  let tile: Buffer[] = [];
  let last: { from: number; hashes: Buffer[] } | undefined;
  let isKept = false;
  const nodes: TreeNode[] = [];
  const keep = (from: number, hashes: readonly Buffer[]) => {
    nodes.push(...hashes.map((hash, i) => ({ level: 0, index: from + i, hash })));
  };
  const flush = () => {
    const grown = appendLeaves(size - tile.length, frontier, tile);
    frontier = grown.frontier;
    nodes.push(...grown.completed);
  };
  return {
    size: () => size,
    /** `isProven`: this leaf, or the one before it, will be asked for. */
    add: (hash: Buffer, isProven: boolean) => {
      if (tile.length === tileWidth) {
        flush();
        if (isKept) keep(size - tileWidth, tile);
        last = isKept ? undefined : { from: size - tileWidth, hashes: tile };
        tile = [];
        isKept = false;
      }
      if (isProven) {
        isKept = true;
        if (last) keep(last.from, last.hashes);
        last = undefined;
      }
      tile.push(hash);
      size += 1;
    },
    end: () => {
      flush();
      keep(size - tile.length, tile);
      const pathOf = (position: number) => pathFromTiles(position, size, nodes);
      return { size, root: rootOfFrontier(frontier), pathOf };
    },
  };
}
