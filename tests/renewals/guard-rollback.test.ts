import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import request from 'supertest';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { createGateway } from '../../src/gateway.ts';
import {
  findWitnessed,
  guardWitnesses,
  readHeadCheckpoint,
  runBeat,
  startBeats,
  takeBeat,
} from '../../src/heads/index.ts';
import { guardRollback, renewLogs } from '../../src/renewals/index.ts';
import { findEntries } from '../../src/archive/index.ts';
import { findHead, headLog } from '../../src/logs/index.ts';
import { proveDisclosure } from '../../src/publication/index.ts';
import { noteSigner } from '../../src/transparency/index.ts';
import { verifyProof } from '../../src/verification/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { openWitness, type OpenWitness } from '../witness/open-witness.ts';

/** Two databases under one data folder: the second is what an older backup would have brought back. */
let dataDir: string;
const clock = testClock();
const opened: House[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-data-'));
});
afterEach(async () => {
  for (const house of opened.splice(0)) await house.close();
  rmSync(dataDir, { recursive: true });
});

async function houseHere(settings: object = {}): Promise<House> {
  const house = await openHouse({ clock, settings: { dataDir, ...settings } });
  opened.push(house);
  return house;
}

async function beats({ tools }: House, count: number): Promise<void> {
  for (let beat = 0; beat < count; beat += 1) {
    clock.advance(60_000);
    await runBeat(tools);
  }
}

const kept = () => readFileSync(join(dataDir, 'head-checkpoint'), 'utf8');
/** Nothing is kept beside the database any more. */
const forget = () => rm(join(dataDir, 'head-checkpoint'));
const refused = (detail: string) =>
  expect.objectContaining({
    kind: expect.objectContaining({ code: 'log-rollback' }),
    message: expect.stringContaining(detail),
  });

test('each beat is kept outside the database, and a database that goes on from it is let in', async () => {
  const house = await houseHere();
  await guardRollback(house.tools);
  await beats(house, 3);
  expect(kept().split('\n')[1]).toBe('3');
  await guardRollback(house.tools);
});

test('a database that is behind what was published is refused, and takes no beat', async () => {
  await beats(await houseHere(), 3);
  const restored = await houseHere();
  await expect(guardRollback(restored.tools)).rejects.toEqual(refused('0 entries'));
  clock.advance(60_000);
  await expect(runBeat(restored.tools)).rejects.toEqual(refused('3 were published'));
  expect(await findHead(restored.tools.db, headLog)).toBeUndefined();
});

test('a database of the same size with another past is refused', async () => {
  const first = await houseHere();
  await beats(first, 2);
  const published = kept();
  rmSync(join(dataDir, 'head-checkpoint'));
  const second = await houseHere();
  await beats(second, 3);
  writeFileSync(join(dataDir, 'head-checkpoint'), published);
  await expect(guardRollback(second.tools)).rejects.toEqual(refused('another one'));
});

test.each([
  ['nothing', ''],
  ['half of it', 'half'],
  ['the checkpoint of another key', 'other'],
])('a kept checkpoint that is %s is refused', async (_, what) => {
  const house = await houseHere();
  await beats(house, 1);
  const text = kept();
  const signed = noteSigner('127.0.0.1/log/head', Buffer.alloc(32, 9));
  const other = text.replace(/— .*/, `— ${signed.name} ${'A'.repeat(91)}=`);
  const half = text.slice(0, text.length / 2);
  writeFileSync(join(dataDir, 'head-checkpoint'), { half, other }[what] ?? '');
  await expect(guardRollback(house.tools)).rejects.toEqual(refused('no checkpoint'));
});

test('renewed, every log goes on under a new name, says why, and proves what is left and what comes', async () => {
  await beats(await houseHere(), 4);
  const lostRoot = Buffer.from(kept().split('\n')[2] ?? '', 'base64').toString('base64url');
  const restored = await houseHere();
  const recipientId = await givenLog(restored.tools);
  const old = await appendDisclosure(restored.tools, givenDisclosure(recipientId));
  const before = await findHead(restored.tools.db, recipientId);
  const { logs } = await renewLogs(restored.tools, { reason: 'The disk failed.' });
  expect(logs).toBe(1);
  const after = await findHead(restored.tools.db, recipientId);
  expect([after?.size, after?.origin === before?.origin]).toEqual([2, false]);
  const [, why] = await findEntries(restored.tools, recipientId, { from: 0, to: 2 });
  expect(JSON.parse(why?.entry ?? '')).toMatchObject({
    event: 'renewed',
    reason: 'The disk failed.',
    was: before?.origin,
    size: 1,
  });
  const [first] = await findEntries(restored.tools, headLog, { from: 0, to: 1 });
  expect(JSON.parse(first?.entry ?? '')).toMatchObject({ event: 'renewed', lostSize: 4, lostRoot });
  await guardRollback(restored.tools);
  await beats(restored, 2);
  const { origin, keys } = restored.tools.settings;
  const key = noteSigner(new URL(origin).host, keys.log).verifierKey;
  const fresh = await appendDisclosure(restored.tools, givenDisclosure(recipientId));
  await beats(restored, 1);
  for (const one of [old, fresh]) {
    const id = one.appended ? one.id : '';
    const { text } = await proveDisclosure(restored.tools, { recipientId, id });
    const verdict = await verifyProof({ proof: text, key });
    expect(verdict).toMatchObject({ holds: true, origin: after?.origin });
    expect(verdict).toMatchObject({ head: { origin: expect.stringMatching(/\/log\/head-2$/) } });
  }
  expect((await verifyLog(restored.tools)).findings).toEqual([]);
  await expect(renewLogs(restored.tools, { reason: 'again' })).rejects.toMatchObject({
    kind: { code: 'log-intact' },
  });
});

test('no name of the head log comes again, though the same backup is restored time and again', async () => {
  await beats(await houseHere(), 3);
  const names = [kept().split('\n')[0]];
  for (let restore = 0; restore < 4; restore += 1) {
    const restored = await houseHere();
    await expect(guardRollback(restored.tools)).rejects.toEqual(refused('published'));
    await renewLogs(restored.tools, { reason: 'The disk failed again.' });
    await guardRollback(restored.tools);
    await beats(restored, 2);
    names.push(kept().split('\n')[0]);
    expect((await verifyLog(restored.tools)).findings).toEqual([]);
  }
  expect(names.map((name) => name?.split('/').at(-1))).toEqual([
    ...['head', 'head-2', 'head-3', 'head-4', 'head-5'],
  ]);
});

test('a witness cosigns no roll-back, though nothing is kept beside the database either', async () => {
  const { origin, keys } = (await houseHere()).tools.settings;
  const { host } = new URL(origin);
  const witness = await openWitness(noteSigner(`${host}/log/head`, keys.log).verifierKey);
  const trustPolicyFile = join(dataDir, 'trust-policy');
  const lines = [`witness w ${witness.vkey} ${witness.url}`, 'quorum w', ''];
  writeFileSync(trustPolicyFile, lines.join('\n'));
  await beats(await houseHere({ trustPolicyFile }), 3);
  // The kept file is gone too: the witness alone remembers.
  rmSync(join(dataDir, 'head-checkpoint'));
  const restored = await houseHere({ trustPolicyFile });
  await beats(restored, 2);
  expect(await restored.admin('log_cosignatures')).toEqual([]);
  expect(await readHeadCheckpoint(restored.tools)).toMatchObject({ isCosigned: false });
  await witness.close();
});

/** Houses under a trust policy whose one witness follows the head log and its second name. */
async function witnessed(): Promise<{ settings: object; witness: OpenWitness }> {
  const { origin, keys } = (await houseHere()).tools.settings;
  const { host } = new URL(origin);
  const logs = ['head', 'head-2'].map((name) => noteSigner(`${host}/log/${name}`, keys.log));
  const witness = await openWitness(...logs.map(({ verifierKey }) => verifierKey));
  const trustPolicyFile = join(dataDir, 'trust-policy');
  const lines = [`witness w ${witness.vkey} ${witness.url}`, 'quorum w', ''];
  writeFileSync(trustPolicyFile, lines.join('\n'));
  return { settings: { trustPolicyFile }, witness };
}

test.each([0, 1, 3])(
  'a database of %s beats that only a witness knows to be behind is refused, and can be renewed',
  async (left) => {
    const { settings, witness } = await witnessed();
    const first = await houseHere(settings);
    await guardWitnesses(first.tools);
    await beats(first, 5);
    await guardWitnesses(first.tools);
    await forget();
    const restored = await houseHere(settings);
    for (let beat = 0; beat < left; beat += 1) {
      clock.advance(60_000);
      await takeBeat(restored.tools);
    }
    await guardRollback(restored.tools);
    const detail = `it has ${String(left)} entries of the head log 127.0.0.1:8080/log/head, and w has cosigned 5`;
    await expect(guardWitnesses(restored.tools)).rejects.toEqual(refused(detail));
    const reason = 'The disk failed.';
    await expect(renewLogs(restored.tools, { reason })).rejects.toMatchObject({
      kind: { code: 'log-intact' },
    });
    const renewing = { reason, findWitnessed: () => findWitnessed(restored.tools) };
    expect(await renewLogs(restored.tools, renewing)).toMatchObject({
      lost: { size: 5, found: left },
    });
    await guardWitnesses(restored.tools);
    await expect(renewLogs(restored.tools, renewing)).rejects.toMatchObject({
      kind: { code: 'log-intact' },
    });
    const [why] = await findEntries(restored.tools, headLog, { from: left, to: left + 1 });
    expect(JSON.parse(why?.entry ?? '')).toMatchObject({ event: 'renewed', lostSize: 5 });
    await beats(restored, 1);
    expect(await readHeadCheckpoint(restored.tools)).toMatchObject({ isCosigned: true });
    await witness.close();
  },
);

test('a witness that is away keeps nobody from starting', async () => {
  const { settings, witness } = await witnessed();
  const house = await houseHere(settings);
  await beats(house, 2);
  await witness.close();
  await guardWitnesses(house.tools);
});

test('a database that is restored under a running gateway discloses nothing more, and says so', async () => {
  await beats(await houseHere(), 3);
  const published = kept();
  await forget();
  const house = await houseHere();
  const recipientId = await givenLog(house.tools);
  const gateway = createGateway(house.tools);
  await startBeats(house.tools)();
  await appendDisclosure(house.tools, givenDisclosure(recipientId));
  expect((await request(gateway).get('/readyz')).status).toBe(200);
  writeFileSync(join(dataDir, 'head-checkpoint'), published);
  await startBeats(house.tools)();
  // Only another start ends it.
  await forget();
  await expect(appendDisclosure(house.tools, givenDisclosure(recipientId))).rejects.toMatchObject({
    kind: { code: 'log-unavailable', status: 503 },
  });
  expect((await request(gateway).get('/readyz')).status).toBe(503);
  const { size } = (await findHead(house.tools.db, recipientId)) ?? {};
  expect(size).toBe(1);
});

test('nobody renames a log but by a renewal that is written down', async () => {
  const house = await houseHere();
  const recipientId = await givenLog(house.tools);
  const rename = { log_id: 'other', origin: 'sluice.example/log/other' };
  const own = house.tools.db('log_heads').where({ recipient_id: recipientId });
  await expect(own.clone().update(rename)).rejects.toThrow(/permission denied/);
  const asOwner = house.admin('log_heads').where({ recipient_id: recipientId });
  await expect(asOwner.clone().update(rename)).rejects.toThrow(/keeps its name/);
});
