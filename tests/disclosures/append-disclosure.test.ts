import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rootOf } from '../../src/transparency/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure, type Appended } from '../../src/disclosures/index.ts';
import { closeLogWriter, numberSubjects, raiseEpoch, readEpoch } from '../../src/logs/index.ts';
import { rootOfFrontier } from '../../src/transparency/index.ts';
import { inTransaction, openDatabase } from '../../src/platform/database.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenDisclosure, givenLog, givenNumbers } from './given.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(async () => {
  await house.close();
});

const indexOf = (appended: Appended) => (appended.appended ? appended.index : -1);
const upTo = (size: number) => Array.from({ length: size }, (_, i) => i);

/** The root over the leaf hashes as stored, and the root of the stored right edge. */
async function rootsOf(recipientId: string) {
  const leaves = await house
    .admin('disclosure_entries')
    .select<{ leaf_hash: Buffer }[]>('leaf_hash')
    .where({ recipient_id: recipientId })
    .orderBy('index');
  const head = await house
    .admin('log_heads')
    .first<{ frontier: Buffer; size: string }>('frontier', 'size')
    .where({ recipient_id: recipientId });
  const edge = upTo(head.frontier.length / 32).map((i) =>
    head.frontier.subarray(i * 32, (i + 1) * 32),
  );
  return {
    size: Number(head.size),
    recomputed: rootOf(leaves.map((row) => row.leaf_hash)),
    stored: rootOfFrontier(edge),
  };
}

test('an entry is committed before its disclosure is answered', async () => {
  const { tools, admin } = house;
  const recipientId = await givenLog(tools);
  await givenNumbers(tools, recipientId, 3);
  const disclosure = givenDisclosure(recipientId, { size: 3 });
  const appended = await appendDisclosure(tools, disclosure);
  expect(appended).toMatchObject({ appended: true, index: 0 });
  const row = await admin('disclosure_entries')
    .first<{ entry: string }>('entry')
    .where({ recipient_id: recipientId });
  const entry = JSON.parse(row.entry) as object;
  expect(entry).toMatchObject({
    v: 1,
    at: '2026-11-22T12:00:00.000Z',
    recipient: 'studio-friends',
  });
  expect(entry).toMatchObject({ id: appended.appended && appended.id, subjects: { size: 3 } });
});

test('entries of one process get indices without gaps, in the order in which they came', async () => {
  const recipientId = await givenLog(house.tools);
  const all = upTo(600).map(() => appendDisclosure(house.tools, givenDisclosure(recipientId)));
  expect((await Promise.all(all)).map(indexOf)).toEqual(upTo(600));
  const { size, recomputed, stored } = await rootsOf(recipientId);
  expect([size, stored]).toEqual([600, recomputed]);
});

test('two processes that race for the same logs write 500 entries each, without gaps', async () => {
  const { tools, urls } = house;
  const other = { ...tools, db: openDatabase(urls.app) };
  const logs = await Promise.all([givenLog(tools), givenLog(tools), givenLog(tools)]);
  const numbers = await Promise.all(
    [tools, other].map(async (process) => {
      const got: number[][] = logs.map(() => []);
      // 20 callers at once, each with one entry under way.
      const callers = upTo(20).map(async (caller) => {
        for (let turn = 0; turn < 25; turn += 1) {
          const log = (caller + turn) % logs.length;
          const disclosure = givenDisclosure(logs[log] ?? '');
          got[log]?.push(indexOf(await appendDisclosure(process, disclosure)));
        }
      });
      await Promise.all(callers);
      return got;
    }),
  );
  await closeLogWriter(other.db);
  await other.db.destroy();
  let total = 0;
  for (const [log, recipientId] of logs.entries()) {
    const given = numbers.flatMap((got) => got[log] ?? []).sort((one, two) => one - two);
    expect(given).toEqual(upTo(given.length));
    const { size, recomputed, stored } = await rootsOf(recipientId);
    expect([size, stored]).toEqual([given.length, recomputed]);
    total += given.length;
  }
  expect(total).toBe(1_000);
});

test('the cut: no entry under old rights stands after the change of rights', async () => {
  const { tools } = house;
  const recipientId = await givenLog(tools);
  const other = await givenLog(tools);
  await appendDisclosure(tools, givenDisclosure(recipientId));
  let raised = 0;
  const before: number[] = [];
  const callers = upTo(8).map(async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      const epoch = await readEpoch(tools.db, recipientId);
      if (turn === 10 && epoch === 0n && raised++ === 0) {
        await inTransaction(tools.db, (tx) => raiseEpoch(tx, [other, recipientId]));
      }
      const appended = await appendDisclosure(tools, givenDisclosure(recipientId, { epoch }));
      if (!appended.appended) expect(appended.because).toBe('epoch-changed');
      else if (epoch === 0n) before.push(appended.index);
    }
  });
  await Promise.all(callers);
  expect(await readEpoch(tools.db, recipientId)).toBe(1n);
  const late = await appendDisclosure(tools, givenDisclosure(recipientId, { epoch: 0n }));
  expect(late).toEqual({ appended: false, because: 'epoch-changed' });
  const next = await appendDisclosure(tools, givenDisclosure(recipientId, { epoch: 1n }));
  expect(indexOf(next)).toBeGreaterThan(Math.max(...before));
});

test('a change of rights that is under way is waited for, and then counts', async () => {
  const { tools } = house;
  const recipientId = await givenLog(tools);
  await appendDisclosure(tools, givenDisclosure(recipientId));
  const order: string[] = [];
  let appended: Promise<Appended> | undefined;
  await inTransaction(tools.db, async (tx) => {
    await raiseEpoch(tx, [recipientId]);
    appended = appendDisclosure(tools, givenDisclosure(recipientId));
    void appended.then(() => order.push('appended'));
    await tx.raw('select pg_sleep(0.2)');
    order.push('changed');
  });
  expect(await appended).toEqual({ appended: false, because: 'epoch-changed' });
  expect(order).toEqual(['changed', 'appended']);
});

test('a recipient without a log refuses its own disclosure and nobody else’s', async () => {
  const recipientId = await givenLog(house.tools);
  const [stranger, known] = await Promise.allSettled([
    appendDisclosure(house.tools, givenDisclosure(randomUUID())),
    appendDisclosure(house.tools, givenDisclosure(recipientId)),
  ]);
  expect(stranger).toMatchObject({ status: 'rejected', reason: { kind: { code: 'log-unknown' } } });
  expect(known).toMatchObject({ status: 'fulfilled', value: { index: 0 } });
});

test('customers get small numbers without gaps, the same ones again, also in a race', async () => {
  const { tools } = house;
  const recipientId = await givenLog(tools);
  const customers = upTo(40).map(() => randomUUID());
  const given = await Promise.all(
    upTo(10).map((i) =>
      inTransaction(tools.db, (tx) => numberSubjects(tx, recipientId, customers.slice(i, i + 30))),
    ),
  );
  const numbers = new Map(given.flatMap((map) => [...map]));
  for (const map of given) {
    for (const [customerId, number] of map) expect(numbers.get(customerId)).toBe(number);
  }
  const last = await inTransaction(tools.db, (tx) => numberSubjects(tx, recipientId, customers));
  expect([...last.values()].sort((one, two) => one - two)).toEqual(upTo(40).map((i) => i + 1));
});

test('the reader learns the epoch of its own recipient and no other', async () => {
  const { tools } = house;
  const [own, other] = [await givenLog(tools), await givenLog(tools)];
  await inTransaction(tools.db, (tx) => raiseEpoch(tx, [own]));
  const epochs = {
    name: 'test-epochs',
    text: 'select log_epoch($1) as own, log_epoch($2) as other',
  };
  expect(await tools.reader.read(own, epochs, [own, other])).toEqual([{ own: '1', other: null }]);
  const sizes = { name: 'test-sizes', text: 'select size from log_heads' };
  await expect(tools.reader.read(own, sizes, [])).rejects.toThrow('permission denied');
});

test('all that was written here is accepted by the audit', async () => {
  expect((await verifyLog(house.tools)).findings).toEqual([]);
});
