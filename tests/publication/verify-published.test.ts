import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { takeBeat } from '../../src/heads/index.ts';
import { readEpoch } from '../../src/logs/index.ts';
import { logKeys, proveDisclosure } from '../../src/publication/index.ts';
import { verifyProof, verifyTiles } from '../../src/verification/index.ts';
import { givenDisclosure } from '../disclosures/given.ts';
import { givenPartner, givenToken } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { cosign, givenWitness } from '../verification/given.ts';

const clock = testClock();
const body = Buffer.from('{"data":[],"next":null}');
let house: House;
let gateway: Express;
let recipientId: string;
let token: string;
let keys: readonly string[];
let ids: string[];

beforeAll(async () => {
  house = await openHouse({ clock });
  gateway = createGateway(house.tools);
  const bright = await givenPartner(house.tools);
  recipientId = bright.partner.id;
  token = await givenToken(gateway, bright);
  ids = await disclose(260);
  clock.advance(60_000);
  await takeBeat(house.tools);
  keys = await logKeys(house.tools);
});
afterAll(() => house.close());

async function disclose(count: number): Promise<string[]> {
  const epoch = await readEpoch(house.tools.db, recipientId);
  const pages = Array.from({ length: count }, () => givenDisclosure(recipientId, { body, epoch }));
  const all = await Promise.all(pages.map((page) => appendDisclosure(house.tools, page)));
  return all.flatMap((one) => (one.appended ? [one.id] : []));
}

const proofOf = async (id = '') => (await proveDisclosure(house.tools, { recipientId, id })).text;

/** The policy for the head log of this gateway. */
const policyOf = (...lines: readonly string[]) =>
  [`log ${keys.find((key) => key.includes('/log/head+')) ?? ''}`, ...lines, ''].join('\n');

test('each published key and a policy verify a whole proof file of the gateway', async () => {
  expect(keys).toHaveLength(2);
  for (const at of [0, 255, 256, 259]) {
    const proof = await proofOf(ids[at]);
    for (const trust of [...keys.map((key) => ({ key })), { policy: policyOf('quorum none') }]) {
      expect(await verifyProof({ proof, body, ...trust })).toMatchObject({
        holds: true,
        index: at,
        size: 260,
        isBodyProven: true,
        head: { origin: expect.stringMatching(/\/log\/head$/), size: 1, index: 0 },
      });
    }
  }
});

test('a witness’s line behind the head checkpoint meets the quorum, and is needed', async () => {
  const witness = givenWitness('w1.example');
  const policy = policyOf(`witness w1 ${witness.key}`, 'quorum w1');
  const proof = await proofOf(ids[7]);
  const note = proof.slice(proof.lastIndexOf('\n\n', proof.lastIndexOf('\n\n') - 1) + 2);
  const cosigned = proof.replace(note, () => cosign(note, witness));
  expect(await verifyProof({ proof: cosigned, policy })).toMatchObject({
    holds: true,
    quorum: 'w1',
    witnesses: [{ name: 'w1.example', at: '2023-11-14T22:13:20Z' }],
  });
  expect(await verifyProof({ proof, policy })).toMatchObject({ holds: false });
});

test('before its beat an entry is proven without the head log, and after it with it', async () => {
  const [id] = await disclose(1);
  const [first, key] = [await proofOf(id), keys[0]];
  expect(await verifyProof({ proof: first, body, key })).toMatchObject({ holds: true, head: null });
  clock.advance(60_000);
  await takeBeat(house.tools);
  const whole = await proofOf(id);
  expect(await verifyProof({ proof: whole, body, key })).toMatchObject({ head: { index: 1 } });
});

test('no flipped byte of the gateway’s file makes it say anything else', async () => {
  const bytes = Buffer.from(await proofOf(ids[100]));
  const key = keys[0];
  const whole = await verifyProof({ proof: bytes, body, key });
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const proof = Buffer.from(bytes);
        proof[at] = (proof[at] ?? 0) ^ by;
        const verdict = await verifyProof({ proof, body, key });
        if (verdict.holds) expect(verdict).toEqual(whole);
      },
    ),
    { numRuns: 500 },
  );
});

test('the recipient’s log and the head log verify as whole logs, out of what is served', async () => {
  const proof = await verifyProof({ proof: await proofOf(ids[0]), key: keys[0] });
  const log = proof.holds ? proof.origin.slice(proof.origin.indexOf('/log/')) : '';
  const readFrom = (prefix: string) => async (path: string) => {
    const answer = await request(gateway)
      .get(`${prefix}/${path}`)
      .set('authorization', `Bearer ${token}`)
      .buffer()
      .parse((response, done) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          done(null, Buffer.concat(chunks));
        });
      });
    return answer.status === 200 ? (answer.body as Buffer) : undefined;
  };
  for (const key of keys) {
    const own = await verifyTiles({ readTile: readFrom(log), key });
    expect(own).toMatchObject({ holds: true, size: 261, tiles: 3 });
    const head = await verifyTiles({ readTile: readFrom('/log/head'), key });
    expect(head).toMatchObject({ holds: true, size: 2, tiles: 1 });
  }
  const policy = policyOf('quorum none');
  const head = await verifyTiles({ readTile: readFrom('/log/head'), policy });
  expect(head).toMatchObject({ holds: true, quorum: 'none' });
});
