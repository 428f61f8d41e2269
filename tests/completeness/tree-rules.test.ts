import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashOfLeaf, type DayLeaf } from '../../src/completeness/digest-rules.ts';
import {
  bucketOf,
  bucketsOf,
  decodePostings,
  placesOf,
  encodePostings,
} from '../../src/postings/posting-rules.ts';
import { growDayTree } from '../../src/completeness/tree-rules.ts';
import {
  byPlace,
  countAscending,
  decodeAscending,
  encodeAscending,
} from '../../src/platform/ascending.ts';
import { rootOf } from '../../src/transparency/index.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';

const hashed = (text: string) => createHash('sha256').update(text).digest();

function leavesOf(count: number): DayLeaf[] {
  return Array.from({ length: count }, (_, i) => ({
    pseudonym: hashed(`name ${String(i)}`),
    count: 1 + (i % 3),
    entriesHash: hashed(`entries ${String(i)}`),
  }));
}

const asked = (leaves: readonly DayLeaf[]) =>
  async function* () {
    await Promise.resolve();
    yield* leaves;
  };
const inOrder = (leaves: readonly DayLeaf[]) =>
  leaves.toSorted((one, other) => Buffer.compare(one.pseudonym, other.pseudonym));

test('in one part or in many, every customer of a day is proven, and who is absent stands between two', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.nat(12), fc.nat(1100), fc.constantFrom(255, 256, 257, 511, 512, 513, 768)),
      fc.nat(),
      fc.boolean(),
      async (count, pick, isSmall) => {
        const leaves = leavesOf(count);
        const sorted = inOrder(leaves);
        const root = rootOf(sorted.map(hashOfLeaf));
        const present = pick % 2 === 0 && count > 0;
        const wanted = present
          ? (sorted[pick % count]?.pseudonym ?? Buffer.alloc(32))
          : hashed(`stranger ${String(pick)}`);
        const atOnce = isSmall ? Math.max(8, Math.floor(count / 3)) : 1_000_000;
        const tree = await growDayTree(asked(leaves), { wanted, atOnce });
        expect([tree.size, tree.root.toString('hex')]).toEqual([count, root.toString('hex')]);
        for (const leaf of tree.shown) {
          const { position: index, path } = leaf;
          expect(sorted[index]?.pseudonym.equals(leaf.pseudonym)).toBe(true);
          expect(
            verifiesInclusion({ index, size: count, leaf: hashOfLeaf(leaf), path, root }),
          ).toBe(true);
        }
        const places = tree.shown.map(({ position }) => position);
        const at = sorted.filter(({ pseudonym }) => Buffer.compare(pseudonym, wanted) < 0).length;
        const around = [at - 1, at].filter((place) => place >= 0 && place < count);
        expect(places).toEqual(present ? [at] : around);
      },
    ),
    { numRuns: 150 },
  );
});

const numbers = fc
  .array(fc.oneof(fc.nat(200), fc.nat(2 ** 32)), { maxLength: 50 })
  .map((list) => list.sort((one, other) => one - other));

test('ascending numbers come back, and empty places stay empty', () => {
  fc.assert(
    fc.property(numbers, fc.uniqueArray(fc.nat(40)), (list, wished) => {
      expect(decodeAscending(encodeAscending(list))).toEqual(list);
      const empty = wished.filter((place) => place < list.length);
      const left = list.filter((_, place) => !empty.includes(place));
      const whole = list.map((number, place) => (empty.includes(place) ? undefined : number));
      expect(byPlace(left, empty)).toEqual(whole);
    }),
  );
});

test('a number is counted as often as it stands among ascending ones', () => {
  const law = fc.property(fc.array(fc.nat(300)), fc.nat(300), (given, wanted) => {
    const numbers = given.toSorted((one, other) => one - other);
    const count = numbers.filter((number) => number === wanted).length;
    expect(countAscending(encodeAscending(numbers), wanted)).toBe(count);
  });
  fc.assert(law);
});

test('a bucket gives back what was put into it, under one of the keys by which it is sought', () => {
  fc.assert(
    fc.property(
      fc.nat(10),
      fc.uniqueArray(fc.nat(1_000_000), { maxLength: 20 }),
      fc.nat(1023),
      (power, turns, rest) => {
        const buckets = 2 ** power;
        const bucket = bucketOf(buckets, rest);
        const postings = new Map(
          turns.map((turn, i) => [turn * buckets + (rest % buckets), [i, i, i + 3]]),
        );
        const back = decodePostings(bucket, encodePostings(bucket, postings));
        expect(new Map([...back].sort())).toEqual(new Map([...postings].sort()));
        for (const number of postings.keys()) expect(bucketsOf(number)).toContain(bucket);
        const beside = [...postings.keys()].map((number) => number + buckets);
        for (const number of [...postings.keys(), ...beside, rest % buckets]) {
          const places = placesOf(bucket, encodePostings(bucket, postings), number);
          expect(places).toEqual(postings.get(number) ?? []);
        }
      },
    ),
  );
});
