import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { readHeadCheckpoint, runBeat } from '../../src/heads/index.ts';
import { proveDisclosure } from '../../src/publication/index.ts';
import { noteSigner } from '../../src/transparency/index.ts';
import { verifyProof } from '../../src/verification/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { openWitness, type OpenWitness } from '../witness/open-witness.ts';

const clock = testClock();
let house: House;
let witnesses: [OpenWitness, OpenWitness];
let recipientId: string;
let policy: string;
let headKey: string;
const folder = mkdtempSync(join(tmpdir(), 'sluice-trust-'));
const trustPolicyFile = join(folder, 'trust-policy');

beforeAll(async () => {
  const plain = await openHouse();
  const { origin, keys } = plain.tools.settings;
  await plain.close();
  headKey = noteSigner(`${new URL(origin).host}/log/head`, keys.log).verifierKey;
  witnesses = [await openWitness(headKey), await openWitness(headKey)];
  policy = [
    `log ${headKey}`,
    ...witnesses.map(({ vkey, url }, i) => `witness w${String(i + 1)} ${vkey} ${url}`),
    'group both all w1 w2',
    'quorum both\n',
  ].join('\n');
  writeFileSync(trustPolicyFile, policy);
  house = await openHouse({ clock, settings: { trustPolicyFile } });
  recipientId = await givenLog(house.tools);
});
afterAll(async () => {
  await house.close();
  for (const witness of witnesses) await witness.close();
  rmSync(folder, { recursive: true });
});

/** A disclosure of this beat, which is then taken; and the proof of it. */
async function disclosedAndProven() {
  const disclosure = givenDisclosure(recipientId);
  const appended = await appendDisclosure(house.tools, disclosure);
  const id = appended.appended ? appended.id : '';
  clock.advance(60_000);
  const beat = await runBeat(house.tools);
  const proof = await proveDisclosure(house.tools, { recipientId, id });
  return { beat, proof, body: disclosure.body };
}

test('a proof holds under the trust policy: entry, log, head log and both witnesses', async () => {
  for (let round = 0; round < 3; round += 1) {
    const { proof, body } = await disclosedAndProven();
    expect(proof.retryAfterSeconds).toBeNull();
    const verdict = await verifyProof({ proof: proof.text, policy, body });
    if (!verdict.holds) throw new Error(verdict.because);
    expect(verdict).toMatchObject({ holds: true, index: round, isBodyProven: true });
    expect(verdict).toMatchObject({ witnesses: [{}, {}] });
  }
});

test('while a witness is away the last quorum stays published, and the proof says it is not whole', async () => {
  const published = await readHeadCheckpoint(house.tools);
  const [, away] = witnesses;
  await away.close();
  const { proof, beat } = await disclosedAndProven();
  expect(beat.witnesses.filter((one) => 'refused' in one)).toMatchObject([{ name: 'w2' }]);
  expect(await readHeadCheckpoint(house.tools)).toEqual(published);
  expect(proof.retryAfterSeconds).toBe(60);
  expect(await verifyProof({ proof: proof.text, policy })).toMatchObject({ holds: false });
  expect(await verifyProof({ proof: proof.text, key: headKey })).toMatchObject({ holds: true });
});

test('a fork of the head log gets no cosignature, and is kept as evidence', async () => {
  const [honest] = witnesses;
  const other = await openHouse({ clock, settings: { trustPolicyFile } });
  for (let beat = 0; beat < 6; beat += 1) {
    clock.advance(60_000);
    const { witnesses: answers } = await runBeat(other.tools);
    expect(answers.every((answer) => 'refused' in answer)).toBe(true);
  }
  expect(await other.admin('log_cosignatures')).toEqual([]);
  expect(honest.said.join('\n')).toContain('fork');
  await other.close();
});
