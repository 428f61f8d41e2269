import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  entryBundle,
  hasTile,
  nodesOfTile,
  parseTilePath,
  readBundle,
  tilePathOf,
  tilesOf,
} from '../../src/transparency/index.ts';

const place = fc.record({
  level: fc.integer({ min: 0, max: 6 }),
  index: fc.oneof(fc.nat(1_001_000), fc.nat(), fc.maxSafeNat()),
  width: fc.integer({ min: 1, max: 256 }),
});

test('a tile’s path is read back as the tile, and only one text names it', () => {
  fc.assert(
    fc.property(place, (tile) => {
      const path = tilePathOf(tile);
      expect(parseTilePath(String(tile.level), path)).toEqual(tile);
      expect(path).toMatch(/^(x[0-9]{3}\/)*[0-9]{3}(\.p\/[0-9]{1,3})?$/);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^(x\d{3}\/){0,4}\d{3}(\.p\/\d{1,3})?$/), (text) => {
      const tile = parseTilePath('0', text);
      if (tile) expect(tilePathOf(tile)).toBe(text);
    }),
  );
});

test('the path of tlog-tiles’ own example, and what is none', () => {
  expect(tilePathOf({ index: 1234067, width: 256 })).toBe('x001/x234/067');
  expect(parseTilePath('0', 'x001/x234/067.p/5')).toEqual({ level: 0, index: 1234067, width: 5 });
  for (const text of [
    ...['', '0', '00', '0000', '000.p', '000.p/', '000.p/0', '000.p/256', '000.p/01', '000.p/999'],
    ...[
      'x000/001',
      'x001',
      '001/002',
      'X001/002',
      'x001/x002',
      '../000',
      '000/',
      '-01',
      '000.p/1/2',
    ],
    ...['x999/'.repeat(6) + '999', 'x１２３/001'],
  ]) {
    expect([text, parseTilePath('0', text)]).toEqual([text, undefined]);
  }
  for (const level of ['', '7', '-1', '00', '63', 'x'])
    expect(parseTilePath(level, '000')).toBeUndefined();
});

test('a tree has exactly the tiles whose nodes it has', () => {
  fc.assert(
    fc.property(fc.nat(200_000), (size) => {
      const tiles = tilesOf(size);
      for (const tile of tiles) {
        expect(hasTile(size, tile)).toBe(true);
        const { level, from, to } = nodesOfTile(tile);
        expect([tile.level * 8, tile.index * 256, tile.width]).toEqual([level, from, to - from]);
        if (tile.width < 256) expect(hasTile(size, { ...tile, width: tile.width + 1 })).toBe(false);
      }
      const atBottom = tiles.filter(({ level }) => level === 0);
      expect(atBottom.reduce((sum, { width }) => sum + width, 0)).toBe(size);
      expect(hasTile(size, { level: 0, index: atBottom.length, width: 1 })).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test('a bundle is read back as its entries; one that is cut is none', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 }),
      fc.nat(),
      (entries, cut) => {
        const bundle = entryBundle(entries);
        expect(readBundle(bundle)?.map((entry) => [...entry])).toEqual(
          entries.map((one) => [...one]),
        );
        const ends = entries.reduce<number[]>((all, one) => [...all, (all.at(-1) ?? 0) + one.length + 2], [0]); // prettier-ignore
        const at = cut % bundle.length;
        expect(readBundle(bundle.subarray(0, at)) === undefined).toBe(!ends.includes(at));
      },
    ),
  );
  expect(entryBundle([Buffer.alloc(65_535)]).length).toBe(65_537);
  expect(() => entryBundle([Buffer.alloc(65_536)])).toThrow(RangeError);
});
