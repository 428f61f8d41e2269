import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tilesOf } from '../../src/transparency/index.ts';
import { verifyTiles } from '../../src/verification/index.ts';
import {
  givenPolicy,
  givenTiles,
  givenWitness,
  headKey,
  headOrigin,
  host,
  hostKey,
} from './given.ts';

const entriesOf = (size: number) =>
  Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`));
const reading = (files: ReadonlyMap<string, Uint8Array>) => (path: string) =>
  Promise.resolve(files.get(path));
const because = (text: string) => ({ holds: false, because: expect.stringContaining(text) });

test('logs of every kind of edge hold, tile by tile', async () => {
  for (const size of [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 770]) {
    const files = givenTiles(entriesOf(size));
    const tiles = [...files.keys()].filter((path) => /^tile\/\d/.test(path)).length;
    const verdict = await verifyTiles({ readTile: reading(files), key: hostKey });
    expect(verdict).toEqual({
      holds: true,
      origin: `${host}/log/Asqsn`,
      size,
      tiles,
      witnesses: [],
      quorum: null,
    });
  }
});

/** `npm run full` asks for 65,793, which have three levels of tiles. */
const many = Number(process.env['SLUICE_TEST_ENTRIES'] ?? 1_025);

test('a log has as many tiles as its entries need', async () => {
  const tiles = tilesOf(many).length;
  const verdict = await verifyTiles({
    readTile: reading(givenTiles(entriesOf(many))),
    key: hostKey,
  });
  expect(verdict).toMatchObject({ holds: true, size: many, tiles });
}, 240_000);

test('the head log holds by its key, its host’s key and a policy with its quorum', async () => {
  const witness = givenWitness('w1.example');
  const policy = givenPolicy([witness], 'quorum w1.example');
  const signed = givenTiles(entriesOf(3), { origin: headOrigin, witnesses: [witness] });
  const readTile = reading(signed);
  for (const key of [headKey, hostKey]) {
    expect(await verifyTiles({ readTile, key })).toMatchObject({ holds: true, witnesses: [] });
  }
  expect(await verifyTiles({ readTile, policy })).toMatchObject({
    holds: true,
    witnesses: [{ name: 'w1.example', at: '2023-11-14T22:13:20Z' }],
    quorum: 'w1.example',
  });
  const bare = reading(givenTiles(entriesOf(3), { origin: headOrigin }));
  expect(await verifyTiles({ readTile: bare, policy })).toMatchObject(because('quorum'));
  const recipients = reading(givenTiles(entriesOf(3)));
  expect(await verifyTiles({ readTile: recipients, policy })).toMatchObject(because('no log of'));
  const next = reading(givenTiles(entriesOf(3), { origin: `${headOrigin}-2` }));
  expect(await verifyTiles({ readTile: next, key: headKey })).toMatchObject(because('another log'));
});

test('a log that has grown since its checkpoint holds by its full tiles', async () => {
  const [older, newer] = [givenTiles(entriesOf(200)), givenTiles(entriesOf(256))];
  const files = new Map(newer).set('checkpoint', older.get('checkpoint') ?? Buffer.of());
  expect(await verifyTiles({ readTile: reading(files), key: hostKey })).toMatchObject({
    holds: true,
    size: 200,
  });
});

test('what is missing, cut or exchanged is told with its path and entry', async () => {
  const files = givenTiles(entriesOf(300));
  const verdictAfter = (path: string, bytes: Uint8Array | undefined) => {
    const changed = new Map(files);
    if (bytes) changed.set(path, bytes);
    else changed.delete(path);
    return verifyTiles({ readTile: reading(changed), key: hostKey });
  };
  for (const path of files.keys()) {
    const what = path === 'checkpoint' ? 'there is no checkpoint' : `${path} is missing`;
    expect(await verdictAfter(path, undefined)).toMatchObject(because(what));
    const bytes = files.get(path) ?? Buffer.of();
    expect(await verdictAfter(path, bytes.subarray(0, -1))).toMatchObject({ holds: false });
    expect(await verdictAfter(path, Buffer.concat([bytes, bytes]))).toMatchObject({ holds: false });
  }
  const entries = Buffer.from(files.get('tile/entries/001.p/44') ?? []);
  entries[2 + 8 + 3] = 0x7a;
  expect(await verdictAfter('tile/entries/001.p/44', entries)).toMatchObject(
    because('tile/0/001.p/44 holds another hash than that of entry 257'),
  );
  const roots = Buffer.from(files.get('tile/1/000.p/1') ?? []);
  roots[5] = (roots[5] ?? 0) ^ 1;
  expect(await verdictAfter('tile/1/000.p/1', roots)).toMatchObject(
    because('tile/1/000.p/1 holds another hash than that of entries 0 to 255'),
  );
  // Entries and tiles that agree with each other, but not with what was signed.
  const forged = givenTiles([...entriesOf(299), Buffer.from('forged')]);
  const checkpoint = files.get('checkpoint') ?? Buffer.of();
  forged.set('checkpoint', checkpoint);
  expect(await verifyTiles({ readTile: reading(forged), key: hostKey })).toMatchObject(
    because('the root of the entries is not the one that was signed'),
  );
});

test('no flipped byte in any file of a log is accepted', async () => {
  const files = givenTiles(entriesOf(258));
  const paths = [...files.keys()];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (path, place, by) => {
        const bytes = Buffer.from(files.get(path) ?? []);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ by;
        const readTile = reading(new Map(files).set(path, bytes));
        expect(await verifyTiles({ readTile, key: hostKey })).toMatchObject({ holds: false });
      },
    ),
    { numRuns: 150 },
  );
});
