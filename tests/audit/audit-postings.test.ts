import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eraseFromLogs } from '../../src/accounting/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { digestDay } from '../../src/completeness/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { findHead } from '../../src/logs/index.ts';
import { indexSubjects } from '../../src/postings/index.ts';
import type { CustomerId } from '../../src/records/index.ts';
import { givenDisclosure, givenLog, givenNumbers } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { findingsAfter } from './tampering.ts';

/** 2,300 entries: two segments that are turned round, into two and into eight buckets, and a rest. */
const clock = testClock();
const size = 2300;
let house: House;
let log: string;
let origin: string;
let customerOf: ReadonlyMap<number, CustomerId>;
beforeAll(async () => {
  house = await openHouse({ clock });
  const { tools } = house;
  log = await givenLog(tools);
  const numbers = [...(await givenNumbers(tools, log, 200))] as [CustomerId, number][];
  customerOf = new Map(numbers.map(([customerId, number]) => [number, customerId]));
  for (let i = 0; i < size; i += 100) await disclose(i, 100);
  origin = (await findHead(tools.db, log))?.origin ?? '';
  await indexSubjects(tools);
}, 60_000);
afterAll(() => house.close());

/** Few in the first segment, many from then on; entry 17 shows 130, and 131 by two records. */
async function disclose(from: number, count: number, epoch = 0n): Promise<void> {
  for (let index = from; index < from + count; index += 1) {
    const few = index % 3 === 0 ? [1 + (index % 90), 91 + (index % 7)] : [];
    const many = [1 + (index % 90), 91 + (index % 7), 100 + (index % 101)];
    const shown = index === 17 ? [130, 131, 131] : index < 1024 ? few : many;
    const page = givenDisclosure(log, { size: shown.length, epoch });
    const subjects = page.subjects.map((one, i) => ({ ...one, number: shown[i] ?? 0 }));
    await appendDisclosure(house.tools, { ...page, subjects });
  }
}

const says = 'its postings are not those of the customers that it shows';
const at = (segment: number, bucket: number) =>
  `recipient_id = '${log}' and segment = ${String(segment)} and bucket = ${String(bucket)}`;

test('honest postings are accepted, and the audit says how many segments it compared', async () => {
  const { findings, postings } = await verifyLog(house.tools);
  expect([findings, postings]).toEqual([[], 2]);
});

test('a posting that names another entry is found, and the first entry that lacks one or has one more', async () => {
  // Of the bucket the first bytes are: number, how many, the place of the first entry.
  for (const [segment, bucket] of [
    [0, 2],
    [1, 8],
    [1, 11],
  ] as const) {
    const findings = await findingsAfter(
      house,
      `update log_postings set postings = set_byte(postings, 2, (get_byte(postings, 2) + 1) % 128) where ${at(segment, bucket)}`,
    );
    expect(findings).toMatchObject([{ log: origin, index: expect.any(Number), what: says }]);
    expect(Math.floor((findings[0]?.index ?? -1) / 1024)).toBe(segment);
  }
});

test('a number that is written as another customer’s is found', async () => {
  const findings = await findingsAfter(
    house,
    `update log_postings set postings = set_byte(postings, 0, get_byte(postings, 0) # 64) where ${at(1, 9)}`,
  );
  expect(findings).toMatchObject([{ log: origin, what: says }]);
});

test.each([
  ['a bucket is gone', `delete from log_postings where {1, 10}`],
  ['the first bucket of a segment is gone', `delete from log_postings where {0, 2}`],
  ['a bucket is emptied', `update log_postings set postings = '' where {1, 10}`],
  [
    'a bucket ends within a number',
    `update log_postings set postings = substring(postings for 40) || '\\x80' where {1, 10}`,
  ],
  [
    'a bucket ends within a list',
    `update log_postings set postings = substring(postings for 40) where {1, 10}`,
  ],
  [
    'somebody is put in twice',
    `insert into log_postings (recipient_id, bucket, segment, postings)
      select recipient_id, 1, segment, '\\x010105' from log_postings where {1, 10}`,
  ],
  ['a bucket is moved', `update log_postings set bucket = 1034 where {1, 10}`],
  ['a bucket is of the other segment', `update log_postings set segment = 0 where {1, 10}`],
])('it is found when %s', async (_, sql) => {
  const tampered = sql.replace(/\{(\d+), (\d+)\}/, (_all, segment: string, bucket: string) =>
    at(Number(segment), Number(bucket)),
  );
  expect(await findingsAfter(house, tampered)).toMatchObject([
    { log: origin, index: expect.any(Number), what: says },
  ]);
});

test('the first entry is named that lacks a posting or has one too many', async () => {
  const { postings } = await house
    .admin('log_postings')
    .where({ recipient_id: log, bucket: 3, segment: 0 })
    .first<{ postings: Buffer }>('postings');
  const changed = Buffer.from(postings);
  // Twice the place 17, as 131 is shown by two records.
  const where = changed.indexOf(Buffer.of(17, 0));
  expect(where).toBeGreaterThan(0);
  changed.writeUInt8(16, where);
  const findings = await findingsAfter(
    house,
    `update log_postings set postings = '\\x${changed.toString('hex')}' where ${at(0, 3)}`,
  );
  expect(findings).toMatchObject([{ log: origin, index: 16, what: says }]);
});

test('postings beyond the log are found', async () => {
  const findings = await findingsAfter(
    house,
    `insert into log_postings (recipient_id, bucket, segment, postings) values ('${log}', 1, 2, '')`,
  );
  expect(findings).toMatchObject([{ log: origin, what: 'it holds rows beyond its head' }]);
});

test('after customers are erased, before and after the index is turned round, it is accepted', async () => {
  const { tools } = house;
  clock.advance(86_400_000);
  await digestDay(tools);
  const erase = (number: number) =>
    eraseFromLogs(tools, {
      customerId: customerOf.get(number) ?? ('' as CustomerId),
      reason: 'test',
    });
  await erase(131);
  await erase(91);
  expect(await verifyLog(tools)).toMatchObject({ postings: 2, findings: [] });
  await disclose(size, 800, 2n);
  await erase(92);
  expect(await indexSubjects(tools)).toEqual({ segments: 1 });
  expect(await verifyLog(tools)).toMatchObject({ postings: 3, findings: [] });
  const back = await findingsAfter(
    house,
    `update log_postings set postings = postings || '\\x010105' where ${at(1, 10)}`,
  );
  expect(back).toMatchObject([{ log: origin, what: says }]);
}, 60_000);
