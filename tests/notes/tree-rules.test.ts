import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leafHash, nodeHash, provesConsistency, provesInclusion } from '../../src/notes/index.ts';
import { peaksOf, rootOfPeaks } from '../../src/notes/tree-rules.ts';
import {
  consistencyPath,
  inclusionPath,
  leafHash as writtenLeaf,
  nodeHash as writtenNode,
  rootOf,
} from '../../src/transparency/index.ts';
import { verifiesConsistency } from '../support/verify-consistency.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';

const leavesOf = (size: number) =>
  Array.from({ length: size }, (_, i) => writtenLeaf(Buffer.from(`entry ${i}`)));

test('what is written and what is verified have the same hashes and roots', async () => {
  const leaves = leavesOf(70);
  expect(Buffer.from(await leafHash(Buffer.from('entry 3')))).toEqual(leaves[3]);
  const [left, right] = [leaves[0] ?? Buffer.of(), leaves[1] ?? Buffer.of()];
  expect(Buffer.from(await nodeHash(left, right))).toEqual(writtenNode(left, right));
  for (let size = 0; size <= 70; size += 1) {
    const some = leaves.slice(0, size);
    expect(Buffer.from(await rootOfPeaks(await peaksOf(some)))).toEqual(rootOf(some));
  }
});

/** One path, whole or with one change, for trees of these sizes. */
const change = fc.record({
  size: fc.integer({ min: 1, max: 90 }),
  at: fc.nat(),
  what: fc.constantFrom('nothing', 'bit', 'drop', 'add', 'cut', 'index', 'size'),
  where: fc.nat(),
});

function changedPath(path: readonly Buffer[], what: string, where: number): Buffer[] {
  const place = where % Math.max(path.length, 1);
  const hash = Buffer.from(path[place] ?? Buffer.alloc(32));
  hash[where % 32] = (hash[where % 32] ?? 0) ^ 1;
  if (what === 'bit' && path.length > 0) return [...path].with(place, hash);
  if (what === 'drop') return path.toSpliced(place, 1);
  if (what === 'add') return path.toSpliced(place, 0, hash);
  if (what === 'cut' && path.length > 0) return [...path].with(place, hash.subarray(1));
  return [...path];
}

test('inclusion is judged as by the verifier that shares no code with it', async () => {
  await fc.assert(
    fc.asyncProperty(change, async ({ size, at, what, where }) => {
      const leaves = leavesOf(size);
      const index = at % size;
      const proof = {
        index: what === 'index' ? index + 1 : index,
        size: what === 'size' ? size + 1 : size,
        leaf: leaves[index] ?? Buffer.of(),
        path: changedPath(inclusionPath(leaves, index), what, where),
        root: rootOf(leaves),
      };
      const holds = await provesInclusion(proof);
      expect(holds).toBe(verifiesInclusion(proof));
      if (what === 'nothing') expect(holds).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('consistency is judged as by the verifier that shares no code with it', async () => {
  await fc.assert(
    fc.asyncProperty(change, async ({ size, at, what, where }) => {
      const leaves = leavesOf(size);
      const from = 1 + (at % size);
      const [first, second] = [from + Number(what === 'index'), size + Number(what === 'size')];
      const path = changedPath(consistencyPath(leaves, from), what, where);
      const [firstRoot, secondRoot] = [rootOf(leaves.slice(0, from)), rootOf(leaves)];
      const holds = await provesConsistency({
        from: first,
        size: second,
        fromRoot: firstRoot,
        root: secondRoot,
        path,
      });
      expect(holds).toBe(verifiesConsistency({ first, second, firstRoot, secondRoot, path }));
      if (what === 'nothing') expect(holds).toBe(true);
    }),
    { numRuns: 300 },
  );
});
