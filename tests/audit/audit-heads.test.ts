import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eraseFromLogs } from '../../src/accounting/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { takeBeat } from '../../src/heads/index.ts';
import { findHead, headLog, renewLog } from '../../src/logs/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import type { CustomerId } from '../../src/records/index.ts';
import { givenDisclosure, givenLog, givenNumbers } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { auditAfter, findingsAfter } from './tampering.ts';

/** Three logs and six beats: one log grows at each, one at the second and the fourth, one never. */
const clock = testClock();
let house: House;
const logs: string[] = [];
const origins: string[] = [];
let headOrigin: string;
let customerId: CustomerId | undefined;
beforeAll(async () => {
  house = await openHouse({ clock });
  const { tools } = house;
  for (let i = 0; i < 3; i += 1) logs.push(await givenLog(tools));
  [customerId] = [...(await givenNumbers(tools, logs[1] ?? '', 1)).keys()] as CustomerId[];
  for (let beat = 0; beat < 6; beat += 1) {
    await disclose(0, 1 + beat);
    if (beat === 1 || beat === 3) await disclose(1, 2);
    clock.advance(60_000);
    await takeBeat(tools);
  }
  for (const log of logs) origins.push((await findHead(tools.db, log))?.origin ?? '');
  headOrigin = (await findHead(tools.db, headLog))?.origin ?? '';
  await disclose(0, 3);
});
afterAll(() => house.close());

async function disclose(log: number, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    // Of the second log each page shows its one customer.
    const page = givenDisclosure(logs[log] ?? '', { size: log });
    expect(await appendDisclosure(house.tools, page)).toMatchObject({ appended: true });
  }
}

const atBeat = (log: number, beat: number) =>
  `recipient_id = '${logs[log] ?? ''}' and beat = ${String(beat)}`;
const saying = (what: string) => expect.stringContaining(what) as unknown;
const wrongRoot = 'its root is not the one over the places that are kept of the logs';

test('honest beats are accepted, and the audit says how many beats and places it compared', async () => {
  const audit = await verifyLog(house.tools);
  expect(audit).toMatchObject({ logs: 4, beats: 6, places: 6 + 3 + 1, findings: [] });
});

test.each([
  [
    'another root',
    'root = set_byte(root, 9, get_byte(root, 9) # 1)',
    'beat 3 shows another root of its first 4 entries',
  ],
  ['one entry fewer', 'size = size - 1', 'beat 3 shows another root of its first 3 entries'],
  ['none', 'size = 0', 'beat 3 shows fewer of its entries than a beat before'],
  ['more than there are', 'size = 99', 'beat 3 shows 99 entries, more than it has'],
  ['a name of no log', `origin = 'example/log/x'`, 'beat 3 has it under another name'],
])('a place with %s is found, with beat and log', async (_, change, what) => {
  const findings = await findingsAfter(
    house,
    `update log_places set ${change} where ${atBeat(1, 3)}`,
  );
  expect(findings).toHaveLength(2);
  expect(findings).toContainEqual({ log: origins[1], index: null, id: null, what });
  expect(findings).toContainEqual(
    expect.objectContaining({ log: headOrigin, index: 3, what: saying(wrongRoot) }),
  );
});

test.each([
  ['the first of a log', 0, 0, 0],
  ['one within', 0, 2, 2],
  ['the last of a log', 1, 3, 3],
  ['that of an empty log', 2, 0, 0],
])('a place that was dropped, %s, is found at its beat', async (_, log, beat, index) => {
  const findings = await findingsAfter(house, `delete from log_places where ${atBeat(log, beat)}`);
  expect(findings).toMatchObject([{ log: headOrigin, index, what: saying(wrongRoot) }]);
});

test('a place that was put in, moved or given to nobody is found', async () => {
  const copy = `insert into log_places (recipient_id, beat, origin, size, root)
    select recipient_id, 4, origin, size, root from log_places where`;
  const put = await findingsAfter(house, `${copy} ${atBeat(1, 1)}`);
  expect(put).toContainEqual(expect.objectContaining({ log: headOrigin, index: 4 }));
  const moved = await findingsAfter(house, `update log_places set beat = 2 where ${atBeat(1, 3)}`);
  expect(moved).toMatchObject([{ log: headOrigin, index: 2, what: saying(wrongRoot) }]);
  const given = await findingsAfter(
    house,
    `update log_places set recipient_id = '${randomUUID()}' where ${atBeat(2, 0)}`,
  );
  expect(given).toMatchObject([{ log: headOrigin, index: 0, what: saying('which is not here') }]);
  const beyond = await findingsAfter(house, `update log_places set beat = 6 where ${atBeat(0, 5)}`);
  expect(beyond).toContainEqual(
    expect.objectContaining({ log: origins[0], what: 'it holds rows beyond its head' }),
  );
});

test('another secret of a beat is found at that beat', async () => {
  const findings = await findingsAfter(
    house,
    `update disclosure_secrets set secret = set_byte(secret, 0, get_byte(secret, 0) # 1)
      where recipient_id = '${headLog}' and index = 2`,
  );
  expect(findings).toMatchObject([{ log: headOrigin, index: 2, what: saying(wrongRoot) }]);
});

test('an entry of the head log that shows another root is found, its hash changed with it', async () => {
  const findings = await findingsAfter(
    house,
    `update disclosure_entries one set entry = changed.entry,
        leaf_hash = sha256('\\x00'::bytea || convert_to(changed.entry, 'UTF8'))
      from (select recipient_id, index, regexp_replace(entry, '"root":"....', '"root":"AAAA') as entry
        from disclosure_entries) changed
      where one.recipient_id = '${headLog}' and one.index = 4
        and changed.recipient_id = one.recipient_id and changed.index = one.index`,
  );
  expect(findings).toMatchObject([{ log: headOrigin, index: 4, what: saying(wrongRoot) }]);
});

test('a log that was written again as a whole, with its head, is not the one that beats showed', async () => {
  const { findings } = await auditAfter(house, async (tx) => {
    const { rowCount } = await tx.raw<{ rowCount: number }>(
      `update disclosure_entries one set entry = changed.entry,
          leaf_hash = sha256('\\x00'::bytea || convert_to(changed.entry, 'UTF8'))
        from (select recipient_id, index, replace(entry, 'studio', 'casino') as entry
          from disclosure_entries) changed
        where one.recipient_id = '${logs[1] ?? ''}' and one.index = 0
          and changed.recipient_id = one.recipient_id and changed.index = one.index`,
    );
    // Four entries: the right edge is one node.
    await tx.raw(
      `with leaf as (select index, leaf_hash from disclosure_entries where recipient_id = '${logs[1] ?? ''}'),
        pair as (select index / 2 as place, sha256('\\x01'::bytea || string_agg(leaf_hash, '' order by index)) as hash
          from leaf group by index / 2)
      update log_heads set frontier =
        (select sha256('\\x01'::bytea || string_agg(hash, '' order by place)) from pair)
      where recipient_id = '${logs[1] ?? ''}'`,
    );
    return rowCount;
  });
  expect(findings).toMatchObject([
    { log: origins[1], index: null, what: 'beat 1 shows another root of its first 2 entries' },
  ]);
});

test('beats over logs of which somebody was erased, and which got new names, are accepted', async () => {
  const { tools } = house;
  const recipientId = logs[1] ?? '';
  await eraseFromLogs(tools, { customerId: customerId ?? ('' as CustomerId), reason: 'test' });
  await inTransaction(tools.db, (tx) =>
    renewLog(tx, tools, { recipientId, facts: { reason: 'The disk failed.' } }),
  );
  await inTransaction(tools.db, (tx) =>
    renewLog(tx, tools, { recipientId: headLog, facts: { reason: 'The disk failed.' } }),
  );
  clock.advance(60_000);
  await takeBeat(tools);
  await appendDisclosure(tools, givenDisclosure(recipientId, { epoch: 1n }));
  clock.advance(60_000);
  await takeBeat(tools);
  expect(await verifyLog(tools)).toMatchObject({ beats: 8, findings: [] });
  const renamed = await findingsAfter(
    house,
    `update log_places set origin = '${origins[1] ?? ''}' where ${atBeat(1, 7)}`,
  );
  expect(renamed).toContainEqual(
    expect.objectContaining({ what: 'beat 7 has it under another name' }),
  );
});
