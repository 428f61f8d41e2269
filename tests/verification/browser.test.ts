import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { takeBeat } from '../../src/heads/index.ts';
import { logKeys, proveDisclosure } from '../../src/publication/index.ts';
import { keyNamed, verifySignature } from '../../src/notes/key-rules.ts';
import type { ProofVerdict, Received, TilesVerdict } from '../../src/verification/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { builtMain } from '../support/build.ts';
import { openHouse } from '../support/house.ts';
import { readReference, referenceUrl } from '../support/reference.ts';
import { givenAccounting } from './given-accounting.ts';
import { givenPolicy, givenProofFile, givenTiles, givenWitness, hostKey } from './given.ts';

// A browser takes a while to start on a busy machine.
jest.setTimeout(120_000);

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));
const browserTest = (name: string, body: () => Promise<void>, reference?: string) => {
  const isGiven = reference === undefined || existsSync(referenceUrl(reference));
  if (chromium !== undefined && isGiven) test(name, body);
  else test.skip(`${name} (skipped: ${isGiven ? 'Chromium' : 'the vector'} is absent)`, body);
};

let server: Server;
let browser: Browser | undefined;
let page: Page;
beforeAll(async () => {
  if (chromium === undefined) return;
  const folder = dirname(builtMain());
  server = createServer(({ url = '' }, answer) => {
    const [, name] = /^\/((?:notes|recomputation|verification)\/[a-z-]+\.js)$/.exec(url) ?? [];
    answer.setHeader('content-type', name === undefined ? 'text/html' : 'text/javascript');
    answer.end(name === undefined ? '<!doctype html>' : readFileSync(join(folder, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Without its sandbox it starts as root as well; it loads nothing but what is served here.
  browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
});
afterAll(async () => {
  if (chromium === undefined) return;
  await browser?.close();
  server.close();
});

/**
 * Runs a function's body in the page, with the verifier as `room`, its keys as `keys`, `bytesOf` for
 * base64 and what is given, as JSON.
 */
async function inPage(given: unknown, body: string): Promise<unknown> {
  return page.evaluate(`(async (given) => {
    const room = await import('/verification/index.js');
    const keys = await import('/notes/key-rules.js');
    const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    ${body}
  })(${JSON.stringify(given)})`);
}

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');

const verifyAll = `return Promise.all(given.map(({ proof, body, ...trust }) =>
  room.verifyProof({ ...trust, proof: bytesOf(proof), body: bytesOf(body) })));`;

browserTest('a browser verifies the proof of a real page, and refuses flipped ones', async () => {
  const house = await openHouse();
  const recipientId = await givenLog(house.tools);
  const disclosure = givenDisclosure(recipientId, { size: 3 });
  const appended = await appendDisclosure(house.tools, disclosure);
  const id = appended.appended ? appended.id : '';
  await takeBeat(house.tools);
  const { text } = await proveDisclosure(house.tools, { recipientId, id });
  const proof = Buffer.from(text);
  const [key] = await logKeys(house.tools);
  await house.close();
  const [body, place] = [disclosure.body, proof.indexOf('— ') + 40];
  const flipped = Buffer.from(proof);
  flipped[place] = (flipped[place] ?? 0) ^ 1;
  const cases = [
    { key, proof: base64(proof), body: base64(body) },
    { key, proof: base64(flipped), body: base64(body) },
    { key, proof: base64(proof), body: base64(Buffer.concat([body, Buffer.of(10)])) },
  ];
  const verdicts = (await inPage(cases, verifyAll)) as ProofVerdict[];
  const found = { holds: true, index: 0, size: 1, isBodyProven: true, head: { index: 0, size: 1 } };
  expect(verdicts[0]).toMatchObject(found);
  expect(verdicts.slice(1)).toMatchObject([{ holds: false }, { holds: false }]);
});

browserTest(
  'a browser verifies head log, cosignatures and quorum, and each flipped part',
  async () => {
    const witnesses = ['w1.example', 'w2.example'].map(givenWitness);
    const policy = givenPolicy(witnesses, 'group both all w1.example w2.example', 'quorum both');
    const { file, body, facts } = givenProofFile({ witnesses });
    const bytes = Buffer.from(file);
    const flips = Array.from({ length: 60 }, (_, i) => Math.floor((bytes.length * i) / 60));
    const proofs = flips.map((at) => {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 2;
      return other;
    });
    const cases = [bytes, ...proofs].map((proof) => ({
      policy,
      proof: base64(proof),
      body: base64(body),
    }));
    const [whole, ...others] = (await inPage(cases, verifyAll)) as ProofVerdict[];
    expect(whole).toMatchObject({ ...facts, quorum: 'both', witnesses: [{}, {}] });
    expect(others.filter(({ holds }) => holds)).toEqual([]);
  },
);

browserTest('a browser verifies a whole log of tiles', async () => {
  const entries = Array.from({ length: 300 }, (_, i) => Buffer.from(`entry ${String(i)}`));
  const files = [...givenTiles(entries)].map(([path, bytes]) => [path, base64(bytes)]);
  const verdict = (await inPage(
    { files, key: hostKey },
    `const files = new Map(given.files);
     const readTile = async (path) => files.has(path) ? bytesOf(files.get(path)) : undefined;
     return room.verifyTiles({ readTile, key: given.key });`,
  )) as TilesVerdict;
  expect(verdict).toMatchObject({ holds: true, size: 300, tiles: 3 });
});

browserTest(
  'a browser verifies a person’s accounting, and refuses one that leaves something out',
  async () => {
    const given = [{}, { shown: [4] }].map((one) => givenAccounting(one).join('\n'));
    const verdicts = await inPage(
      { given, key: hostKey },
      `return Promise.all(given.given.map((accounting) =>
      room.verifyAccounting({ accounting, key: given.key })));`,
    );
    expect(verdicts).toMatchObject([{ holds: true, logs: [{ opened: 3 }] }, { holds: false }]);
  },
);

const odd = 'vectors/cctv-ed25519/ed25519vectors.json';

browserTest(
  'a browser and Node agree on every odd point of Ed25519',
  async () => {
    const vectors = JSON.parse(readReference(odd)) as { key: string; sig: string; msg: string }[];
    const cases = vectors.map(({ key, sig, msg }) => ({
      publicKey: Buffer.from(key, 'hex').toString('base64'),
      signature: Buffer.from(sig, 'hex').toString('base64'),
      msg,
    }));
    const there = await inPage(
      cases,
      `return Promise.all(given.map(async ({ publicKey, signature, msg }) => {
      const key = await keys.keyNamed('key', { type: 1, publicKey: bytesOf(publicKey) });
      return (await keys.verifySignature(key, msg, bytesOf(signature))) !== undefined;
    }));`,
    );
    const here = cases.map(async ({ publicKey, signature, msg }) => {
      const key = await keyNamed('key', { type: 1, publicKey: Buffer.from(publicKey, 'base64') });
      return (await verifySignature(key, msg, Buffer.from(signature, 'base64'))) !== undefined;
    });
    expect(there).toEqual(await Promise.all(here));
  },
  odd,
);

browserTest(
  'a browser recomputes fees as Node does, and finds a line that is another',
  async () => {
    const given = receivedOf(1000);
    const said = `return given.map((one) => {
    const { agrees, recomputed, differences } = room.recomputeFees(one);
    return { agrees, recomputed, different: differences.map(({ lines }) => lines) };
  });`;
    expect(await inPage([given, receivedOf(1001)], said)).toEqual([
      { agrees: true, recomputed: 1, different: [] },
      { agrees: false, recomputed: 0, different: [['line']] },
    ]);
  },
);

/** A statement of one payment of 100.00, at ten percent. */
function receivedOf(amount: number): Received {
  const money = (minor: number) => ({ amount: minor, currency: 'EUR' });
  const none = money(0);
  const terms = { direction: 'payable', services: 'all', timeZone: 'Europe/Berlin' } as const;
  const fee = { kind: 'percent', ratePercent: '10', currencies: ['EUR'] } as const;
  const payment = { id: 'pay', customer: 'cus', service: 'svc', settledAt: '2026-03-31T22:30:00Z' };
  return {
    agreements: [{ version: 1, validFrom: '2026-01-01', validUntil: null, endsAt: null, terms: { ...terms, fee } }], // prettier-ignore
    serviceKeys: {},
    payments: [{ ...payment, amount: money(10_000) }],
    refunds: [],
    statements: [
      {
        ...{
          id: '2026-04.EUR',
          currency: 'EUR',
          period: { from: '2026-04-01', until: '2026-05-01' },
        },
        ...{ opening: none, reversed: none, adjusted: none, forfeited: none, carriedForward: none },
        ...{ accrued: money(amount), closing: money(amount), payout: money(amount) },
        agreementVersions: [1],
        lines: [{ id: 'line', reason: 'earned', amount: money(amount), payment: 'pay' }],
      },
    ],
  };
}
