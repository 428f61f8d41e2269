import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyPath,
  inclusionPath,
  leafHash,
  nodeHash,
  rootOf,
} from '../../src/transparency/index.ts';
import {
  appendLeaves,
  consistencyFromTiles,
  pathFromTiles,
  rootOfFrontier,
  tilesFor,
  type TreeNode,
} from '../../src/transparency/index.ts';

const leavesOf = (size: number) =>
  Array.from({ length: size }, (_, i) => leafHash(Buffer.from(String(i))));
const big = leavesOf(70_000);

/** A tree grown in steps, with the nodes it kept. */
function grown(size: number, step: number): { frontier: Buffer[]; nodes: TreeNode[] } {
  let frontier: Buffer[] = [];
  const nodes: TreeNode[] = [];
  for (let from = 0; from < size; from += step) {
    const next = appendLeaves(from, frontier, big.slice(from, Math.min(from + step, size)));
    frontier = next.frontier;
    nodes.push(...next.completed);
  }
  return { frontier, nodes };
}

test('a tree that grows in any steps has the root of its leaves', () => {
  fc.assert(
    fc.property(fc.nat(1500), fc.integer({ min: 1, max: 400 }), (size, step) => {
      expect(rootOfFrontier(grown(size, step).frontier)).toEqual(rootOf(big.slice(0, size)));
    }),
    { numRuns: 40 },
  );
});

test('the kept nodes are the roots of 256 and 65,536 leaves', () => {
  const { nodes } = grown(70_000, 7_001);
  expect(nodes.filter(({ level }) => level === 8)).toHaveLength(273);
  expect(nodes.filter(({ level }) => level === 16)).toHaveLength(1);
  for (const { level, index, hash } of nodes.filter(
    (node) => node.level === 16 || node.index === 3,
  )) {
    const span = 2 ** level;
    expect(hash).toEqual(rootOf(big.slice(index * span, (index + 1) * span)));
  }
});

test.each([1, 2, 255, 256, 257, 511, 512, 513, 4_095, 65_535, 65_536, 65_537, 70_000])(
  'proofs out of the tiles of a tree of %i are those of the whole tree',
  (size) => {
    const stored = new Map(
      [
        ...big.slice(0, size).map((hash, index) => ({ level: 0, index, hash })),
        ...grown(size, 5_000).nodes,
      ].map((node) => [`${String(node.level)}/${String(node.index)}`, node]),
    );
    for (const index of new Set(
      size > 5_000 ? [257, size - 1] : [0, 1, 254, 255, 256, size >> 1, size - 2, size - 1],
    )) {
      if (index < 0 || index >= size) continue;
      const tiles = tilesFor(index, size);
      const read = tiles.flatMap(({ level, from, to }) =>
        Array.from({ length: to - from }, (_, i) =>
          stored.get(`${String(level)}/${String(from + i)}`),
        ),
      );
      const nodes = read.filter((node) => node !== undefined);
      expect(nodes).toHaveLength(read.length);
      expect(nodes.length).toBeLessThanOrEqual(512 * Math.ceil(Math.log2(size + 1) / 8));
      expect(pathFromTiles(index, size, nodes)).toEqual(inclusionPath(big.slice(0, size), index));
      expect(consistencyFromTiles(index + 1, size, nodes)).toEqual(
        consistencyPath(big.slice(0, size), index + 1),
      );
      if (size > 1) expect(() => pathFromTiles(index, size, [])).toThrow(RangeError);
    }
  },
);

test('a tree whose right edge was lost cannot grow', () => {
  expect(() => appendLeaves(3, [], [nodeHash(big[0]!, big[1]!)])).toThrow(RangeError);
});
