import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { readHeadCheckpoint, runBeat } from '../../src/heads/index.ts';
import { findHead, headLog, signCheckpoint } from '../../src/logs/index.ts';
import { logKeys } from '../../src/publication/index.ts';
import { keep, renewLogs } from '../../src/renewals/index.ts';
import { findCosignature, noteSigner, parseCosignerKey } from '../../src/transparency/index.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { openWitness, type OpenWitness } from '../witness/open-witness.ts';

const clock = testClock();
const folder = mkdtempSync(join(tmpdir(), 'sluice-trust-'));
let house: House;
let witness: OpenWitness;

beforeAll(async () => {
  const trustPolicyFile = join(folder, 'trust-policy');
  house = await openHouse({ clock, settings: { trustPolicyFile } });
  const { origin, keys } = house.tools.settings;
  const keyOf = (log: string) => noteSigner(`${new URL(origin).host}/log/${log}`, keys.log);
  witness = await openWitness(keyOf('head').verifierKey, keyOf('head-2').verifierKey);
  const lines = [`witness w ${witness.vkey} ${witness.url}`, 'quorum w', ''];
  writeFileSync(trustPolicyFile, lines.join('\n'));
});
afterAll(async () => {
  await house.close();
  await witness.close();
  rmSync(folder, { recursive: true });
});

async function beat() {
  clock.advance(60_000);
  return runBeat(house.tools);
}

/** The published checkpoint: its name, its size, and whether the witness really cosigned this one. */
async function published() {
  const { checkpoint = '', isCosigned } = (await readHeadCheckpoint(house.tools)) ?? {};
  const key = parseCosignerKey(witness.vkey);
  const [name = '', size] = checkpoint.split('\n');
  return {
    name: name.split('/').at(-1),
    size: Number(size),
    isCosigned,
    signatures: checkpoint.split('\n').filter((line) => line.startsWith('— ')).length,
    isProven: key !== undefined && findCosignature(checkpoint, key) !== undefined,
  };
}

test('what a witness said of the old name stands under no checkpoint of the new one', async () => {
  for (let count = 0; count < 3; count += 1) await beat();
  const cosigned = { isCosigned: true, signatures: 2, isProven: true };
  expect(await published()).toEqual({ ...cosigned, name: 'head', size: 3 });
  const head = await findHead(house.tools.db, headLog);
  if (!head) throw new Error('There is no head log.');
  const lost = { ...head, size: 9, root: Buffer.alloc(32, 9) };
  keep(house.tools.settings, signCheckpoint(house.tools.settings, lost));
  await renewLogs(house.tools, { reason: 'The disk failed.' });
  const uncosigned = { isCosigned: false, signatures: 1, isProven: false };
  expect(await published()).toEqual({ ...uncosigned, name: 'head-2', size: 4 });
  const { witnesses } = await beat();
  expect(witnesses).toMatchObject([{ cosigned: expect.any(String) }]);
  expect(await published()).toEqual({ ...cosigned, name: 'head-2', size: 5 });
});

test('it is served under its present name alone, and the keys of its former names stay listed', async () => {
  const gateway = createGateway(house.tools);
  const statuses = async (log: string) => {
    const paths = ['checkpoint', 'tile/0/000.p/1', 'tile/entries/000.p/4'];
    const answers = await Promise.all(
      paths.map((path) => request(gateway).get(`/log/${log}/${path}`)),
    );
    return answers.map(({ status }) => status);
  };
  expect(await statuses('head-2')).toEqual([200, 200, 200]);
  for (const other of ['head', 'head-1', 'head-3', 'head-02', 'head-x']) {
    expect([other, await statuses(other)]).toEqual([other, [404, 404, 404]]);
  }
  const { text } = await request(gateway).get('/log/head-2/checkpoint');
  expect(text.split('\n')[0]).toBe('127.0.0.1:8080/log/head-2');
  const { body, status } = await request(gateway).get('/log/keys');
  expect([status, body]).toEqual([200, { keys: await logKeys(house.tools) }]);
  const names = (body as { keys: string[] }).keys.map((key) => key.split('+')[0]);
  expect(names).toEqual(['127.0.0.1:8080', '127.0.0.1:8080/log/head-2', '127.0.0.1:8080/log/head']);
});
