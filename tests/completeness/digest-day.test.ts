import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestDay } from '../../src/completeness/index.ts';
import { findShown, indexSubjects } from '../../src/postings/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { findEntries } from '../../src/archive/index.ts';
import { findHead } from '../../src/logs/index.ts';
import { problemsOf } from '../../src/platform/schemas.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { rootOf } from '../../src/transparency/index.ts';
import { givenDisclosure, givenLog, givenNumbers } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let tools: Tools;
const clock = testClock();
const day = 86_400_000;
beforeAll(async () => {
  house = await openHouse({ clock });
  tools = house.tools;
});
afterAll(() => house.close());

/** Discloses a page of these customers, by their numbers. */
async function disclosePage(recipientId: string, numbers: readonly number[]): Promise<void> {
  const page = givenDisclosure(recipientId, { size: numbers.length });
  const subjects = page.subjects.map((one, i) => ({ ...one, number: numbers[i] ?? 0 }));
  await appendDisclosure(tools, { ...page, subjects });
}

async function eventsOf(recipientId: string) {
  const { size = 0 } = (await findHead(tools.db, recipientId)) ?? {};
  const entries = await findEntries(tools, recipientId, { from: 0, to: size });
  return entries
    .map(({ index, entry }) => ({ index, said: JSON.parse(entry) as Record<string, unknown> }))
    .filter(({ said }) => 'event' in said);
}

/** The root of a day as the specification says it, from the pages themselves. */
async function rootBySpecification(
  recipientId: string,
  day: string,
  shown: ReadonlyMap<number, readonly number[]>,
): Promise<string> {
  const { origin = '' } = (await findHead(tools.db, recipientId)) ?? {};
  const leaves: { pseudonym: string; hash: Buffer }[] = [];
  for (const [number, indices] of shown) {
    const { secret } = await house
      .admin('log_secrets')
      .join('log_subjects', 'log_subjects.customer_id', 'log_secrets.customer_id')
      .first<{ secret: Buffer }>('log_secrets.secret')
      .where({ recipient_id: recipientId, number });
    const pseudonym = createHmac('sha256', secret).update(`${origin}\n${day}`).digest();
    const eights = indices.map((index) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(index));
      return bytes;
    });
    const count = Buffer.alloc(4);
    count.writeUInt32BE(indices.length);
    const entries = createHash('sha256').update(Buffer.concat(eights)).digest();
    const leaf = Buffer.concat([Buffer.of(0), pseudonym, count, entries]);
    leaves.push({
      pseudonym: pseudonym.toString('hex'),
      hash: createHash('sha256').update(leaf).digest(),
    });
  }
  leaves.sort((one, other) => (one.pseudonym < other.pseudonym ? -1 : 1));
  return rootOf(leaves.map(({ hash }) => hash)).toString('base64url');
}

test('each day has one digest, without gap, of whom the entries show and of nothing else', async () => {
  const log = await givenLog(tools);
  await givenNumbers(tools, log, 40);
  const random = (below: number) => tools.random.bytes(4).readUInt32BE() % below;
  const pages = new Map<number, readonly number[]>();
  for (let days = 0; days < 4; days += 1) {
    for (let page = 0; page < (days === 2 ? 0 : 12); page += 1) {
      const numbers = Array.from({ length: random(8) }, () => 1 + random(40));
      pages.set(
        (await findHead(tools.db, log))?.size ?? 0,
        numbers.toSorted((a, b) => a - b),
      );
      await disclosePage(log, numbers);
    }
    clock.advance(day);
    expect(await digestDay(tools)).toEqual({ written: 1, failed: 0 });
    expect(await digestDay(tools)).toEqual({ written: 0, failed: 0 });
  }
  const events = await eventsOf(log);
  expect(events.map(({ said }) => said['day'])).toEqual([
    '2026-11-22',
    '2026-11-23',
    '2026-11-24',
    '2026-11-25',
  ]);
  let from = 0;
  for (const { index, said: digest } of events) {
    expect(problemsOf('logs/event', digest)).toEqual([]);
    expect([digest['from'], digest['to']]).toEqual([from, index]);
    const shown = new Map<number, number[]>();
    for (const [entry, numbers] of pages) {
      if (entry < from || entry >= index) continue;
      for (const number of numbers) shown.set(number, [...(shown.get(number) ?? []), entry]);
    }
    const root = await rootBySpecification(log, String(digest['day']), shown);
    expect([digest['size'], digest['root']]).toEqual([shown.size, root]);
    from = index;
  }
});

test('days that were missed are caught up, and the same moment stands in every log', async () => {
  const [one, other] = [await givenLog(tools), await givenLog(tools)];
  await disclosePage(one, []);
  await disclosePage(other, []);
  clock.advance(3 * day);
  await digestDay(tools);
  const [mine, theirs] = [await eventsOf(one), await eventsOf(other)];
  expect(mine).toHaveLength(3);
  expect(mine.map(({ said }) => [said['from'], said['to'], said['size']])).toEqual([
    [0, 1, 0],
    [1, 2, 0],
    [2, 3, 0],
  ]);
  expect(mine.map(({ said }) => said['at'])).toEqual(theirs.map(({ said }) => said['at']));
});

test('a log that cannot get its digest is told and counted, and holds up no other', async () => {
  const [broken, whole] = [await givenLog(tools), await givenLog(tools)];
  for (const log of [broken, whole]) {
    await givenNumbers(tools, log, 2);
    await disclosePage(log, [1]);
  }
  // As after an edit by hand: the entry shows a number that is nobody's.
  const number = async (from: number, to: number) =>
    house.admin.transaction(async (tx) => {
      await tx.raw('set local session_replication_role = replica');
      await tx('log_subjects').where({ recipient_id: broken, number: from }).update({ number: to });
    });
  await number(1, 9);
  clock.advance(day);
  const { failed } = await digestDay(tools);
  expect(failed).toBe(1);
  expect(await eventsOf(broken)).toHaveLength(0);
  expect(await eventsOf(whole)).toHaveLength(1);
  await number(9, 1);
  expect(await digestDay(tools)).toEqual({ written: 1, failed: 0 });
});

test('a log without any entry has no digest', async () => {
  const log = await givenLog(tools);
  clock.advance(2 * day);
  await digestDay(tools);
  expect((await findHead(tools.db, log))?.size).toBe(0);
});

test('several processes that wake at once write each digest once', async () => {
  const log = await givenLog(tools);
  await givenNumbers(tools, log, 5);
  await disclosePage(log, [1, 2, 5]);
  clock.advance(day);
  await Promise.all([digestDay(tools), digestDay(tools), digestDay(tools), digestDay(tools)]);
  expect(await eventsOf(log)).toHaveLength(1);
});

test('who was shown in which entries is found the same way before and after the index is turned round', async () => {
  const log = await givenLog(tools);
  await givenNumbers(tools, log, 3000);
  const random = (below: number) => tools.random.bytes(4).readUInt32BE() % below;
  const pages = Array.from({ length: 4500 }, () =>
    Array.from({ length: random(4) }, () => 1 + random(random(2) === 0 ? 3 : 3000)),
  );
  await Promise.all(pages.map((numbers) => disclosePage(log, numbers)));
  const held = await house
    .admin('disclosure_subjects')
    .select<{ index: string; numbers: Buffer }[]>('index', 'numbers')
    .where('recipient_id', log)
    .orderBy('index');
  const brute = (wanted: number) =>
    held.flatMap(({ index, numbers }) => {
      const found: number[] = [];
      let [number, scale] = [0, 1];
      for (const byte of numbers) {
        number += (byte & 127) * scale;
        scale *= 128;
        if (byte > 127) continue;
        if (number === wanted) found.push(Number(index));
        scale = 1;
      }
      return found;
    });
  const wanted = [1, 2, 3, ...Array.from({ length: 40 }, () => 1 + random(3000))];
  const size = pages.length;
  const ask = (number: number) => findShown(tools.db, { recipientId: log, number, size });
  for (const number of wanted) expect(await ask(number)).toEqual(brute(number));
  expect(await indexSubjects(tools)).toEqual({ segments: 4 });
  expect(await indexSubjects(tools)).toEqual({ segments: 0 });
  for (const number of wanted) expect(await ask(number)).toEqual(brute(number));
});
