import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { closedEntries, leastIdOf, openBundle, pathsOf } from '../../src/archive/archive-rules.ts';
import { newUuid } from '../../src/platform/uuid.ts';
import { systemRandomness as random } from '../../src/platform/randomness.ts';
import { disclosureId, entryBundle, leafHash, rootOf } from '../../src/transparency/index.ts';
import { systemClock } from '../../src/platform/clock.ts';

test('what is closed is whole bundles before the first open entry, never the last entry', () => {
  const sizes = fc.nat({ max: 5000 });
  fc.assert(
    fc.property(sizes, sizes, (size, open) => {
      const firstOpen = Math.min(size, open);
      const closed = closedEntries({ size, firstOpen });
      expect(closed % 256).toBe(0);
      expect(closed).toBeGreaterThanOrEqual(0);
      expect(closed).toBeLessThanOrEqual(firstOpen);
      expect(closed === 0 || closed < size).toBe(true);
      // One bundle more would hold an open entry, or the last one.
      expect(closed + 256 > firstOpen || closed + 256 >= size).toBe(true);
    }),
  );
});

test('an id of a day is not less than the least id of the day, and less than that of the next', () => {
  const days = fc.date({
    min: new Date('2001-01-01T00:00:00Z'),
    max: new Date('2999-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(days, (at) => {
      const day = (date: Date) => date.toISOString().slice(0, 10);
      const id = newUuid({ clock: { ...systemClock, now: () => at }, random });
      expect(id >= leastIdOf(day(at))).toBe(true);
      expect(id < leastIdOf(day(new Date(at.getTime() + 86_400_000)))).toBe(true);
    }),
  );
});

test('a bundle opens only with the root of all its entries, as it was written', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const entryIds = Array.from({ length: 256 }, () =>
    newUuid({ clock: { ...systemClock, now: () => now }, random }),
  );
  const texts = entryIds.map((id) => Buffer.from(JSON.stringify({ id: disclosureId(id) })));
  const bytes = entryBundle(texts);
  const root = rootOf(texts.map(leafHash));
  const opened = openBundle(bytes, 3, root) ?? [];
  expect(opened.map(({ entryId }) => entryId)).toEqual(entryIds);
  expect(opened.map(({ index }) => index)).toEqual(entryIds.map((_, i) => 768 + i));
  fc.assert(
    fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const other = Buffer.from(bytes);
      other.writeUInt8(other.readUInt8(at) ^ flip, at);
      expect(openBundle(other, 3, root)).toBeUndefined();
      expect(openBundle(bytes.subarray(0, at), 3, root)).toBeUndefined();
    }),
  );
  expect(openBundle(Buffer.concat([bytes, Buffer.alloc(2)]), 3, root)).toBeUndefined();
});

test('the paths of a bundle are those of tlog-tiles', () => {
  expect(pathsOf(0)).toEqual({ entries: 'tile/entries/000', hashes: 'tile/0/000' });
  expect(pathsOf(1234067)).toEqual({
    entries: 'tile/entries/x001/x234/067',
    hashes: 'tile/0/x001/x234/067',
  });
});
