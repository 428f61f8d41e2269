import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consistencyPath, leafHash, rootOf } from '../../src/transparency/index.ts';
import { isConsistent } from '../../src/witness/consistency-rules.ts';
import { verifiesConsistency } from '../support/verify-consistency.ts';

const sizes = 72;
const leaves = Array.from({ length: sizes }, (_, i) => leafHash(Buffer.of(i)));
const head = (size: number) => ({ size, root: rootOf(leaves.slice(0, size)) });
const heads = Array.from({ length: sizes + 1 }, (_, size) => head(size));
const pathOf = (from: number, size: number) =>
  from === 0 ? [] : consistencyPath(leaves.slice(0, size), from);
const flipped = (bytes: Uint8Array, bit: number) => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
};

test('every tree of up to 72 leaves is shown to begin with each that it grew from', () => {
  for (let size = 0; size <= sizes; size += 1) {
    for (let from = 0; from <= size; from += 1) {
      const [earlier, later, path] = [heads[from]!, heads[size]!, pathOf(from, size)];
      expect([from, size, isConsistent(earlier, later, path)]).toEqual([from, size, true]);
      if (from === 0) continue;
      // One hash too many or too few, and a root of another size.
      const wrong = [
        isConsistent(earlier, later, [...path, leaves[0]!]),
        isConsistent(earlier, later, [leaves[0]!, ...path]),
        path.length > 0 && isConsistent(earlier, later, path.slice(1)),
        path.length > 0 && isConsistent(earlier, later, path.slice(0, -1)),
        isConsistent({ ...earlier, root: heads[from - 1]!.root }, later, path),
        isConsistent(earlier, { ...later, root: heads[size - 1]!.root }, path),
        from < size && isConsistent(later, earlier, path),
      ];
      expect([from, size, wrong.includes(true)]).toEqual([from, size, false]);
    }
  }
});

test('no bit of a root or of a path can be another', () => {
  const trees = fc
    .integer({ min: 1, max: sizes })
    .chain((size) => fc.tuple(fc.integer({ min: 1, max: size }), fc.constant(size)));
  fc.assert(
    fc.property(trees, fc.nat(), fc.integer({ min: 0, max: 255 }), ([from, size], which, bit) => {
      const path = pathOf(from, size);
      const parts = [heads[from]!.root, heads[size]!.root, ...path];
      const at = which % parts.length;
      const [was, is, ...steps] = parts.map((part, i) => (i === at ? flipped(part, bit) : part));
      expect(isConsistent({ size: from, root: was! }, { size, root: is! }, steps)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

test('it agrees with a verifier that shares no code with it, on whatever sizes and paths', () => {
  const pool = [...leaves, ...heads.map(({ root }) => root), Buffer.alloc(0), Buffer.alloc(31)];
  const size = fc.integer({ min: 1, max: sizes });
  fc.assert(
    fc.property(
      size,
      size,
      size,
      size,
      fc.array(fc.constantFrom(...pool), { maxLength: 8 }),
      fc.boolean(),
      (first, second, from, to, stray, isStray) => {
        const path = isStray || from > to ? stray : pathOf(from, to);
        const [firstRoot, secondRoot] = [heads[from]!.root, heads[to]!.root];
        expect(
          isConsistent({ size: first, root: firstRoot }, { size: second, root: secondRoot }, path),
        ).toBe(verifiesConsistency({ first, second, firstRoot, secondRoot, path }));
      },
    ),
    { numRuns: 3_000 },
  );
});

test('a tree without leaves has one root alone', () => {
  const later = heads[3]!;
  expect(isConsistent(heads[0]!, later, [])).toBe(true);
  expect(isConsistent({ size: 0, root: heads[1]!.root }, later, [])).toBe(false);
  expect(isConsistent(heads[0]!, { size: 0, root: heads[1]!.root }, [])).toBe(false);
  expect(isConsistent(heads[0]!, later, [heads[1]!.root])).toBe(false);
});
