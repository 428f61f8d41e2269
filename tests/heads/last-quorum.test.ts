import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { readHeadCheckpoint, runBeat, takeBeat } from '../../src/heads/index.ts';
import { headLog } from '../../src/logs/index.ts';
import { proveDisclosure } from '../../src/publication/index.ts';
import { noteSigner } from '../../src/transparency/index.ts';
import { verifyProof } from '../../src/verification/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { openWitness, type OpenWitness } from '../witness/open-witness.ts';

const clock = testClock();
const folder = mkdtempSync(join(tmpdir(), 'sluice-trust-'));
let house: House;
let witnesses: OpenWitness[];
let recipientId: string;
let headKey: string;

beforeAll(async () => {
  house = await openHouse({ clock });
  const { origin, keys } = house.tools.settings;
  headKey = noteSigner(`${new URL(origin).host}/log/head`, keys.log).verifierKey;
  witnesses = [await openWitness(headKey), await openWitness(headKey)];
  recipientId = await givenLog(house.tools);
});
afterAll(async () => {
  await house.close();
  for (const witness of witnesses) await witness.close();
  rmSync(folder, { recursive: true });
});

/** The house under a trust policy that ends with these lines. */
function under(name: string, ...quorum: string[]) {
  const lines = witnesses.map(({ vkey, url }, i) => `witness w${String(i + 1)} ${vkey} ${url}`);
  const policy = [`log ${headKey}`, ...lines, ...quorum, ''].join('\n');
  const trustPolicyFile = join(folder, name);
  writeFileSync(trustPolicyFile, policy);
  const { tools } = house;
  return { policy, tools: { ...tools, settings: { ...tools.settings, trustPolicyFile } } };
}

async function disclosed(): Promise<string> {
  const appended = await appendDisclosure(house.tools, givenDisclosure(recipientId));
  return appended.appended ? appended.id : '';
}

async function beats(tools: House['tools'], count: number): Promise<void> {
  for (let beat = 0; beat < count; beat += 1) {
    clock.advance(60_000);
    await takeBeat(tools);
  }
}

test('where the policy asks for nobody, a proof is whole with the beat', async () => {
  const { tools, policy } = under('none', 'quorum none');
  const id = await disclosed();
  expect(await proveDisclosure(tools, { recipientId, id })).toMatchObject({ waitsFor: 'beat' });
  await beats(tools, 1);
  const proof = await proveDisclosure(tools, { recipientId, id });
  expect(proof).toMatchObject({ waitsFor: null, retryAfterSeconds: null });
  expect(await verifyProof({ proof: proof.text, policy })).toMatchObject({ holds: true });
  expect(await readHeadCheckpoint(tools)).toMatchObject({ size: 1, isCosigned: true });
});

test('a proof that the quorum has not cosigned waits for the quorum, and not for the beat', async () => {
  const { tools } = under('both', 'group both all w1 w2', 'quorum both');
  const id = await disclosed();
  await beats(tools, 1);
  expect(await proveDisclosure(tools, { recipientId, id })).toMatchObject({
    waitsFor: 'quorum',
    retryAfterSeconds: 60,
  });
});

test('the last quorum stays published however long one of the witnesses is away', async () => {
  const { tools, policy } = under('both', 'group both all w1 w2', 'quorum both');
  const id = await disclosed();
  clock.advance(60_000);
  await runBeat(tools);
  const published = await readHeadCheckpoint(tools);
  expect(published).toMatchObject({ isCosigned: true });
  const first = published?.size ?? 0;
  // Four of another quorum have cosigned each of the beats since, w1 among them.
  const others = [witnesses[0]?.vkey ?? '', 'x+1+a', 'y+2+b', 'z+3+c'];
  for (const count of [130, 1, 120]) {
    const from = await sizeOfHeadLog();
    await beats(tools, count);
    for (let size = from + 1; size <= from + count; size += 1) {
      const rows = others.map((witness) => ({
        ...{ recipient_id: headLog, size, witness, line: '— w AAAA' },
      }));
      await house.admin('log_cosignatures').insert(rows);
    }
    expect(await readHeadCheckpoint(tools)).toEqual(published);
    const proof = await proveDisclosure(tools, { recipientId, id });
    expect(proof.waitsFor).toBeNull();
    expect(await verifyProof({ proof: proof.text, policy })).toMatchObject({ holds: true });
  }
  // Back again, both cosign: the present checkpoint is the published one.
  clock.advance(60_000);
  await runBeat(tools);
  expect(await readHeadCheckpoint(tools)).toMatchObject({ size: first + 252, isCosigned: true });
});

async function sizeOfHeadLog(): Promise<number> {
  const row = await house
    .admin('log_heads')
    .where('recipient_id', headLog)
    .first<{ size: string }>();
  return Number(row.size);
}
