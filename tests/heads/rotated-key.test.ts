import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { runBeat } from '../../src/heads/index.ts';
import { guardRollback } from '../../src/renewals/index.ts';
import { logKeys, proveDisclosure } from '../../src/publication/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { verifyProof } from '../../src/verification/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

const clock = testClock();
let house: House;
beforeAll(async () => {
  house = await openHouse({ clock });
});
afterAll(() => house.close());

/** The same house after `rotations` of the log's key. */
function rotated(rotations: number): Tools {
  const { settings } = house.tools;
  const seeds = Array.from({ length: rotations + 1 }, (_, age) => Buffer.alloc(32, 3 + age));
  const [log = Buffer.alloc(32), ...formerLogs] = seeds.toReversed();
  return { ...house.tools, settings: { ...settings, keys: { ...settings.keys, log, formerLogs } } };
}

test('who knows the key before a rotation goes on with it, and with the new one; one further back is listed', async () => {
  const recipientId = await givenLog(house.tools);
  const appended = await appendDisclosure(house.tools, givenDisclosure(recipientId));
  const id = appended.appended ? appended.id : '';
  const proofs: string[] = [];
  for (const rotations of [0, 1, 2]) {
    const tools = rotated(rotations);
    clock.advance(60_000);
    await guardRollback(tools);
    await runBeat(tools);
    proofs.push((await proveDisclosure(tools, { recipientId, id })).text);
  }
  const keys = await logKeys(rotated(2));
  const hostKeys = keys.filter((key) => !key.includes('/log/'));
  expect([keys.length, hostKeys.length]).toEqual([6, 3]);
  const [newest, before, oldest] = hostKeys;
  const holds = async (key: string | undefined) => {
    const verdicts = await Promise.all(proofs.map((proof) => verifyProof({ proof, key })));
    return verdicts.map((verdict) => verdict.holds);
  };
  expect(await holds(oldest)).toEqual([true, true, false]);
  expect(await holds(before)).toEqual([false, true, true]);
  expect(await holds(newest)).toEqual([false, false, true]);
});
