import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consistencyPath, inclusionPath, leafHash, rootOf } from '../../src/transparency/index.ts';
import { verifiesConsistency } from '../support/verify-consistency.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';

const entries = (size: number) => Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`));

test('every leaf of every tree up to 130 proves itself, and no changed entry does', () => {
  for (let size = 1; size <= 130; size += 1) {
    const leaves = entries(size).map(leafHash);
    const root = rootOf(leaves);
    for (const [index, leaf] of leaves.entries()) {
      const path = inclusionPath(leaves, index);
      expect(verifiesInclusion({ index, size, leaf, path, root })).toBe(true);
      const other = leafHash(Buffer.from('another entry'));
      expect(verifiesInclusion({ index, size, leaf: other, path, root })).toBe(false);
    }
  }
});

test('every tree up to 66 is shown to begin with every smaller one, and with no other of its size', () => {
  for (let second = 1; second <= 66; second += 1) {
    const leaves = entries(second).map(leafHash);
    const secondRoot = rootOf(leaves);
    for (let first = 1; first <= second; first += 1) {
      const path = consistencyPath(leaves, first);
      const firstRoot = rootOf(leaves.slice(0, first));
      expect(verifiesConsistency({ first, second, firstRoot, secondRoot, path })).toBe(true);
      const other = rootOf([...leaves.slice(0, first - 1), leafHash(Buffer.from('another'))]);
      const forked = { first, second, firstRoot: other, secondRoot, path };
      expect(verifiesConsistency(forked)).toBe(false);
    }
  }
  for (const first of [0, -1, 4, 1.5, NaN])
    expect(() => consistencyPath(entries(3).map(leafHash), first)).toThrow(RangeError);
});

test('one flipped bit anywhere in a path is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), fc.nat(), (size, pick, bit) => {
      const leaves = entries(size).map(leafHash);
      const index = pick % size;
      const leaf = leafHash(Buffer.from(`entry ${index}`));
      const path = inclusionPath(leaves, index).map((hash) => Buffer.from(hash));
      const place = bit % (path.length * 256);
      const hash = path[Math.floor(place / 256)];
      const at = Math.floor((place % 256) / 8);
      hash?.writeUInt8(hash.readUInt8(at) ^ (1 << (place % 8)), at);
      return !verifiesInclusion({ index, size, leaf, path, root: rootOf(leaves) });
    }),
  );
});

test('a leaf that does not exist has no path', () => {
  for (const index of [-1, 3, 0.5, NaN]) {
    expect(() => inclusionPath(entries(3).map(leafHash), index)).toThrow(RangeError);
  }
});

test('an empty entry and an empty tree hash as RFC 6962, section 2.1 says', () => {
  expect(leafHash(Buffer.alloc(0)).toString('hex')).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
  expect(rootOf([]).toString('hex')).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});
