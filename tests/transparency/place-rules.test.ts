import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  placeOf,
  placeRoot,
  placeSalt,
  placeTree,
  type PlacedLog,
} from '../../src/transparency/index.ts';

const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** The root above a log's leaf, made from its opening alone: written from the format's description. */
function rootAbove(log: PlacedLog, salt: Buffer, path: readonly Buffer[]): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(log.size));
  const place = sha256(Buffer.from(log.origin)).readUInt32BE();
  let hash = sha256(Buffer.of(0), salt, Buffer.from(log.origin), size, log.root);
  for (const [level, sibling] of path.entries()) {
    const isRight = Math.floor(place / 2 ** level) % 2 === 1;
    hash = sha256(Buffer.of(1), ...(isRight ? [sibling, hash] : [hash, sibling]));
  }
  return hash;
}

const anyRoot = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const anyLogs = fc.uniqueArray(
  fc.record({
    origin: fc.string({ minLength: 1, maxLength: 20 }).map((name) => `host/log/${name}`),
    size: fc.maxSafeNat(),
    root: anyRoot,
  }),
  { selector: ({ origin }) => placeOf(origin), maxLength: 40 },
);

test('every log opens its place under the root, with 32 hashes, and with nothing changed in it', () => {
  fc.assert(
    fc.property(anyRoot, anyLogs, fc.nat(), (secret, logs, draw) => {
      const tree = placeTree(secret, logs);
      for (const log of logs) {
        const path = tree.pathOf(placeOf(log.origin));
        const salt = placeSalt(secret, log.origin);
        expect(path).toHaveLength(32);
        expect(rootAbove(log, salt, path)).toEqual(tree.root);
        const otherSize = { ...log, size: log.size === 0 ? 1 : log.size - 1 };
        expect(rootAbove(otherSize, salt, path)).not.toEqual(tree.root);
        const level = draw % 32;
        const turned = path.map((hash, i) => (i === level ? sha256(hash) : hash));
        expect(rootAbove(log, salt, turned)).not.toEqual(tree.root);
      }
    }),
    { numRuns: 40 },
  );
});

test('an opening says nothing of how many logs there are: no hash of it is seen twice', () => {
  fc.assert(
    fc.property(anyRoot, anyLogs, (secret, logs) => {
      const paths = logs.map(({ origin }) => placeTree(secret, logs).pathOf(placeOf(origin)));
      const other = logs.map(({ origin }) =>
        placeTree(sha256(secret), logs).pathOf(placeOf(origin)),
      );
      for (const [i, path] of paths.entries()) {
        const hashes = path.map((hash) => hash.toString('hex'));
        expect(new Set(hashes).size).toBe(32);
        // Under the secret of another beat nothing is the same, though no log has grown.
        expect(other[i]?.some((hash) => hashes.includes(hash.toString('hex')))).toBe(false);
      }
    }),
    { numRuns: 20 },
  );
});

test('the root of no log is a hash like any other, and two logs in one place are refused', () => {
  const secret = sha256(Buffer.from('secret'));
  expect(placeTree(secret, []).root).toHaveLength(32);
  const log = { origin: 'host/log/one', size: 1, root: secret };
  expect(() => placeTree(secret, [log, { ...log, size: 2 }])).toThrow(RangeError);
});

test('the root alone is that of the tree, and of two logs in one place there is none', () => {
  fc.assert(
    fc.property(anyRoot, anyLogs, (secret, logs) => {
      const placed = logs.map((log) => ({ ...log, place: placeOf(log.origin) }));
      expect(placeRoot(secret, placed)).toEqual(placeTree(secret, logs).root);
      expect(placeRoot(secret, [...placed, ...placed.slice(0, 1)]) === undefined).toBe(
        logs.length > 0,
      );
    }),
    { numRuns: 100 },
  );
});
