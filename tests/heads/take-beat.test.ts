import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { readPlace, takeBeat } from '../../src/heads/index.ts';
import { findEntries } from '../../src/archive/index.ts';
import { findHead, headLog } from '../../src/logs/index.ts';
import { rootOfFrontier } from '../../src/transparency/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

const clock = testClock();
let house: House;
beforeAll(async () => {
  house = await openHouse({ clock });
});
afterAll(() => house.close());

const sizeOfHead = async () => (await findHead(house.tools.db, headLog))?.size ?? 0;

test('a beat has one entry, however many take it at once, and the next beat has the next', async () => {
  const recipients = await Promise.all([givenLog(house.tools), givenLog(house.tools)]);
  for (let beat = 1; beat <= 3; beat += 1) {
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeBeat(house.tools)));
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await sizeOfHead()).toBe(beat);
    clock.advance(59_999);
    const isStillTheSame = clock.now().getTime() % 60_000 === 59_999;
    expect([isStillTheSame, await takeBeat(house.tools)]).toEqual([true, undefined]);
    clock.advance(1);
  }
  expect(recipients).toHaveLength(2);
});

test('the place of a log is how far it had come at the beat, though it has grown since', async () => {
  const recipientId = await givenLog(house.tools);
  expect(await readPlace(house.tools, { recipientId, index: 0 })).toBeUndefined();
  await appendDisclosure(house.tools, givenDisclosure(recipientId));
  clock.advance(60_000);
  const beat = await takeBeat(house.tools);
  const then = await findHead(house.tools.db, recipientId);
  await appendDisclosure(house.tools, givenDisclosure(recipientId));
  const place = await readPlace(house.tools, { recipientId, index: 0 });
  expect(place?.log).toMatchObject({
    origin: then?.origin,
    size: 1,
    root: rootOfFrontier(then?.frontier ?? []),
  });
  expect(place?.head.index).toBe((beat?.size ?? 0) - 1);
  expect(place?.path).toHaveLength(32);
});

test('a log that did not grow has no new row, and still its place at every beat', async () => {
  const recipientId = await givenLog(house.tools);
  for (let beat = 0; beat < 4; beat += 1) {
    clock.advance(60_000);
    await takeBeat(house.tools);
  }
  const rows = await house.admin('log_places').where({ recipient_id: recipientId });
  expect(rows).toHaveLength(1);
  expect((await readPlace(house.tools, { recipientId, index: -1 }))?.log.size).toBe(0);
});

test('a clock that goes back a beat takes none twice', async () => {
  clock.advance(60_000);
  await takeBeat(house.tools);
  const size = await sizeOfHead();
  clock.advance(-60_000);
  expect(await takeBeat(house.tools)).toBeUndefined();
  expect(await sizeOfHead()).toBe(size);
  clock.advance(60_000);
});

test('one clock that ran ahead does not hold up the beats of the others', async () => {
  clock.advance(3_600_000);
  await takeBeat(house.tools);
  const size = await sizeOfHead();
  clock.advance(-3_600_000 + 60_000);
  expect(await takeBeat(house.tools)).toBeDefined();
  expect(await takeBeat(house.tools)).toBeUndefined();
  expect(await sizeOfHead()).toBe(size + 1);
  expect((await verifyLog(house.tools)).findings).toEqual([]);
  clock.advance(3_600_000);
});

test('the head log is a log like the others: the audit builds it again', async () => {
  const audit = await verifyLog(house.tools);
  expect(audit.findings).toEqual([]);
  const [first] = await findEntries(house.tools, headLog, { from: 0, to: 1 });
  expect(JSON.parse(first?.entry ?? '')).toMatchObject({ event: 'beat', v: 1 });
});
