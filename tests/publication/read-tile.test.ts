import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { readEpoch } from '../../src/logs/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { readCheckpoint } from '../../src/publication/index.ts';
import {
  leafHash,
  nodesOfTile,
  parseCheckpoint,
  readBundle,
  rootOf,
  tilePathOf,
  tilesOf,
} from '../../src/transparency/index.ts';
import { givenDisclosure } from '../disclosures/given.ts';
import { givenPartner, givenToken } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const size = 700;

let house: House;
let gateway: Express;
let token: string;
let logId: string;
let root: Buffer;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  const bright = await givenPartner(house.tools);
  token = await givenToken(gateway, bright);
  const recipientId = bright.partner.id;
  const epoch = await readEpoch(house.tools.db, recipientId);
  const pages = Array.from({ length: size }, () => givenDisclosure(recipientId, { epoch }));
  await Promise.all(pages.map((page) => appendDisclosure(house.tools, page)));
  const note = await readCheckpoint(house.tools, recipientId);
  const checkpoint = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
  if (checkpoint?.size !== size) throw new Error('The log has another size.');
  ({ root } = checkpoint);
  logId = checkpoint.origin.split('/').at(-1) ?? '';
});
afterAll(() => house.close());

const get = (path: string) =>
  request(gateway).get(`/log/${logId}/tile/${path}`).auth(token, { type: 'bearer' }).buffer();
const bytes = async (path: string): Promise<Buffer> => {
  const answer = await get(path).parse((response, done) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      done(null, Buffer.concat(chunks));
    });
  });
  expect([path, answer.status]).toEqual([path, 200]);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'cache-control': 'private, max-age=31536000, immutable',
  });
  return answer.body as Buffer;
};

test('the tiles of a log are those of its entries, and their root is that of its checkpoint', async () => {
  const tiles = tilesOf(size);
  expect(tiles.map(({ level }) => level)).toEqual([0, 0, 0, 1]);
  const leaves: Buffer[] = [];
  for (const tile of tiles.filter(({ level }) => level === 0)) {
    const entries = readBundle(await bytes(`entries/${tilePathOf(tile)}`)) ?? [];
    expect(entries).toHaveLength(tile.width);
    expect(() => entries.map((entry) => JSON.parse(entry.toString()))).not.toThrow();
    leaves.push(...entries.map(leafHash));
  }
  expect(rootOf(leaves)).toEqual(root);
  for (const tile of tiles) {
    const { level, from, to } = nodesOfTile(tile);
    const span = 2 ** level;
    const hashes = Array.from({ length: to - from }, (_, i) =>
      rootOf(leaves.slice((from + i) * span, (from + i + 1) * span)),
    );
    expect(await bytes(`${tile.level}/${tilePathOf(tile)}`)).toEqual(Buffer.concat(hashes));
  }
  const narrower = await bytes('0/001.p/5');
  expect(narrower).toEqual(Buffer.concat(leaves.slice(256, 261)));
});

test('a tile that the log does not have yet is not found, like a path that is none', async () => {
  for (const path of [
    ...[
      '0/002',
      '0/002.p/189',
      '0/003',
      '0/003.p/1',
      '1/000',
      '1/000.p/3',
      '2/000.p/1',
      '7/000.p/1',
    ],
    ...['entries/002', 'entries/003.p/1', 'x/000', '0/0', '0/000.p/0', '0/000.p/256', '0/x000/001'],
    ...['0/x999/x999/x999/x999/x999/999', 'data/000', '00/000'],
  ]) {
    const answer = await get(path);
    expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'not-found']);
  }
  expect((await get('0/00%00')).status).toBe(400);
  expect((await get('0/..%2f000')).status).toBe(400);
});
