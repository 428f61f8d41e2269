import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { meterCaller, setBudget, showBudget, type Limits } from '../../src/budgets/index.ts';
import { addClient } from '../../src/clients/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { openDatabase, openSession } from '../../src/platform/database.ts';
import { createHttpServer } from '../../src/platform/http/server.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import type { Tools } from '../../src/platform/tools.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { readStream } from '../support/stream-lines.ts';

const clock = testClock();
const server = { origin: '', close: () => undefined as unknown };
let house: House;
/** Another process on the same database. */
let beside: Tools;
let bright: GivenPartner;
let other: GivenPartner;
let token: string;
let otherToken: string;

beforeAll(async () => {
  house = await openHouse({ clock, settings: { timeZone: 'America/New_York' } });
  beside = { ...house.tools, db: openDatabase(house.urls.app) };
  bright = await givenPartner(house.tools);
  other = await givenPartner(house.tools, { key: 'other' });
  const people = ['a', 'b', 'c', 'd', 'e'];
  await givenRecords(house.tools, [
    service(),
    ...people.map((id) => customer(id)),
    ...people.flatMap((id) => Array.from({ length: 30 }, (_, i) => payment(`${id}-${i}`, id))),
  ]);
  for (const id of people) await givenRelationship(house.tools, bright.partner, id);
  const gateway = createGateway(house.tools);
  token = await givenToken(gateway, bright);
  otherToken = await givenToken(gateway, other);
  const http = createHttpServer(gateway, systemRandomness);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server.origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  server.close = () => (http.closeAllConnections(), http.close());
}, 60_000);
afterAll(async () => {
  server.close();
  await beside.db.destroy();
  await house.close();
});

const get = (path: string, { secret = token, accept = 'application/json' } = {}) =>
  fetch(server.origin + path, { headers: { Authorization: `Bearer ${secret}`, Accept: accept } });

const bodyOf = async (path: string) => JSON.parse(await (await get(path)).text());

/** Gives the partner budgets of which nothing is used. */
async function given(limits: Limits, { partner } = bright) {
  await house.admin('budget_counts').delete();
  await setBudget(house.tools, { partnerId: partner.id, limits, setBy: 'test' });
}

const usedOf = async (name: string) =>
  (await showBudget(house.tools, bright.partner.id)).find((one) => one.name === name)?.used;

test('a partner without a budget is told nothing of budgets and leaves no count', async () => {
  await given({});
  const answer = await get('/v1/customers');
  expect(answer.status).toBe(200);
  expect([...answer.headers.keys()].filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  expect((await bodyOf('/v1/me')).limits).toEqual({ recordsPerPage: 1000 });
  expect(await house.admin('budget_counts').select('key')).toEqual([]);
});

test('calls are counted whatever becomes of them, told in the draft’s fields, and refused beyond the budget', async () => {
  await given({ 'calls-per-day': 3, 'records-per-month': 100 });
  const first = await get('/v1/customers?limit=2');
  // Noon of UTC is 7 in New York: 17 hours are left.
  expect(first.headers.get('ratelimit-policy')).toBe(
    '"calls-per-day";q=3;w=86400, "records-per-month";q=100;qu="records";w=2595600',
  );
  expect(first.headers.get('ratelimit')).toMatch(
    /^"calls-per-day";r=2;t=61200, "records-per-month";r=98;t=[0-9]+$/,
  );
  expect((await get('/v1/customers?sort=x')).status).toBe(400);
  expect((await get('/v1/customers/unknown')).status).toBe(404);
  expect((await get('/v1/me', { secret: 'wrong' })).status).toBe(401);
  const refused = await get('/v1/me');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('61200');
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(refused.headers.get('ratelimit')).toMatch(/^"calls-per-day";r=0;t=61200/);
  expect(await refused.json()).toMatchObject({ code: 'budget-exhausted', field: 'calls-per-day' });
  expect((await get('/v1/customers', { secret: otherToken })).status).toBe(200);
});

test('the page that goes beyond the budget of records is shown whole, the next is refused and not logged', async () => {
  await given({ 'records-per-day': 7 });
  expect((await bodyOf('/v1/payments?limit=5')).data).toHaveLength(5);
  expect((await bodyOf('/v1/payments?limit=5')).data).toHaveLength(5);
  expect(await usedOf('records-per-day')).toBe(10);
  const logged = await house.admin('disclosure_entries').count();
  const refused = await get('/v1/payments?limit=1');
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ field: 'records-per-day' });
  expect(await house.admin('disclosure_entries').count()).toEqual(logged);
  const { limits } = await bodyOf('/v1/me');
  expect(limits.budgets).toEqual([
    { name: 'records-per-day', limit: 7, left: 0, resets: '2026-11-23T05:00:00.000Z' },
  ]);
});

test('a single record counts as one, and what was not shown is given back', async () => {
  await given({ 'records-per-day': 1000 });
  const [first] = (await bodyOf('/v1/payments?limit=1')).data;
  await get(`/v1/payments/${first.id}`);
  await get('/v1/payments/unknown');
  await get('/v1/payments?limit=1000');
  expect(await usedOf('records-per-day')).toBe(152);
});

test('a stream ends after the chunk that used the budget up, and all that was sent is logged', async () => {
  await given({ 'records-per-day': 100 });
  const answer = await get('/v1/payments', { accept: 'application/x-ndjson' });
  const text = await answer.text();
  const lines = text.trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: { code: 'budget-exhausted' } });
  const { chunks } = readStream(Buffer.from(text));
  expect(chunks.flatMap(({ records }) => records)).toHaveLength(100);
  const entries = await house.admin<{ entry: string }>('disclosure_entries').select('entry');
  const logged = entries.map(({ entry }) => JSON.parse(entry).id);
  for (const { receipt } of chunks) expect(logged).toContain(receipt.disclosure);
  await given({ 'records-per-day': 150 });
  const whole = await (await get('/v1/payments', { accept: 'application/x-ndjson' })).text();
  expect(whole.endsWith('{"end":true}\n')).toBe(true);
});

test('a new day and a new month begin at midnight of the operator', async () => {
  for (const [limit, last, next] of [
    ['calls-per-day', '2026-11-24T04:59:59Z', '2026-11-24T05:00:00Z'],
    ['calls-per-month', '2026-12-01T04:59:59Z', '2026-12-01T05:00:00Z'],
  ] as const) {
    await given({ [limit]: 1 });
    clock.set(new Date(last));
    token = await givenToken(createGateway(house.tools), bright);
    expect((await get('/v1/me')).status).toBe(200);
    expect((await get('/v1/me')).status).toBe(429);
    clock.set(new Date(next));
    expect((await get('/v1/me')).status).toBe(200);
  }
});

test('what is given back after midnight goes to the day it was taken out of', async () => {
  const caller = { partnerId: bright.partner.id };
  await given({ 'records-per-day': 100 });
  clock.set(new Date('2026-12-02T04:59:59Z'));
  const use = await meterCaller(house.tools, caller);
  await use?.reserve(50);
  clock.advance(2000);
  await use?.settle(10);
  expect(await usedOf('records-per-day')).toBe(0);
  const counts = await house.admin<{ key: string; points: number }>('budget_counts').select('key', 'points'); // prettier-ignore
  const byDay = counts.map(({ key, points }) => [key.slice(-10), points]);
  expect(byDay).toContainEqual(['2026-12-01', 10]);
  for (const [, points] of byDay) expect(points).toBeGreaterThanOrEqual(0);
});

test('who is refused because others are being answered is told to ask again in a moment', async () => {
  const caller = { partnerId: bright.partner.id };
  await given({ 'records-per-day': 100 });
  const [one, other] = [await meterCaller(house.tools, caller), await meterCaller(house.tools, caller)]; // prettier-ignore
  await one?.reserve(100);
  await expect(other?.reserve(100)).rejects.toMatchObject({ facts: { retryAfterSeconds: 1 } });
  await one?.settle(0);
  await other?.reserve(100);
  await other?.settle(100);
  const late = await meterCaller(house.tools, caller);
  const refusal = await late?.reserve(1).catch((error: unknown) => error as Refusal);
  expect(refusal?.facts.retryAfterSeconds).toBeGreaterThan(1);
});

test('the first call of a window clears away counts that are long over, and no others', async () => {
  await given({ 'calls-per-day': 10 });
  token = await givenToken(createGateway(house.tools), bright);
  const now = clock.now().getTime();
  await house.admin('budget_counts').insert([
    { key: 'budget:over', points: 1, expire: now - 1 },
    { key: 'budget:not-over', points: 1, expire: now + 1 },
  ]);
  expect((await get('/v1/me')).status).toBe(200);
  const keys = await house.admin<{ key: string }>('budget_counts').select('key').orderBy('key');
  expect(keys.map(({ key }) => key)).toEqual([
    expect.stringMatching(/^budget:[0-9a-f-]+:calls-per-day:2026-12-02$/),
    'budget:not-over',
  ]);
});

test('what a client of the sandbox asks takes nothing from the budget', async () => {
  await given({ 'calls-per-day': 1 });
  const { partner } = bright;
  const added = await addClient(house.tools, {
    partnerId: partner.id,
    name: 'try',
    isSandbox: true,
  });
  const tried = { partner, clientId: added.client.clientId, secret: added.secret };
  const secret = await givenToken(createGateway(house.tools), tried);
  for (let i = 0; i < 3; i += 1) expect((await get('/v1/customers', { secret })).status).toBe(200);
  expect((await get('/v1/me')).status).toBe(200);
  expect((await get('/v1/me')).status).toBe(429);
});

test('a budget that is set counts in another process within a second', async () => {
  await given({});
  const caller = { partnerId: bright.partner.id };
  expect(await meterCaller(beside, caller)).toBeUndefined();
  await setBudget(house.tools, { ...caller, limits: { 'calls-per-day': 1 }, setBy: 'test' });
  clock.advance(1000);
  expect(await meterCaller(beside, caller)).toBeDefined();
  await expect(meterCaller(house.tools, caller)).rejects.toBeInstanceOf(Refusal);
});

/** Takes pages at once, through two processes, and insists that the budget is kept. */
function budgetIsKept(meter: typeof meterCaller) {
  const caller = { partnerId: bright.partner.id };
  return fc.asyncProperty(
    fc.integer({ min: 1, max: 40 }),
    fc.array(
      fc.record({
        most: fc.integer({ min: 1, max: 20 }),
        // Doubles would nearly all be close to nothing.
        percent: fc.integer({ min: 0, max: 100 }),
        isBeside: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12, size: 'max' },
    ),
    async (limit, pages) => {
      await given({ 'records-per-day': limit });
      clock.advance(1000);
      const shown: number[] = [];
      // Nobody has read before all of a wave have asked; what they give back the next may have.
      for (const wave of [pages.slice(0, 6), pages.slice(6)]) {
        const asked = await Promise.all(
          wave.map(async ({ most, percent, isBeside }) => {
            const use = await meter(isBeside ? beside : house.tools, caller);
            try {
              await use?.reserve(most);
            } catch (error) {
              expect(error).toMatchObject({ kind: { code: 'budget-exhausted' } });
              return undefined;
            }
            return { use, records: Math.round((most * percent) / 100) };
          }),
        );
        const letIn = asked.flatMap((one) => one ?? []);
        await Promise.all(
          letIn.map(async ({ use, records }) => {
            await use?.settle(records);
          }),
        );
        shown.push(...letIn.map(({ records }) => records));
      }
      const sum = shown.reduce((a, b) => a + b, 0);
      expect(sum).toBeLessThan(limit + Math.max(...pages.map(({ most }) => most)));
      expect(await usedOf('records-per-day')).toBe(sum);
    },
  );
}

test('whatever two processes do at once, no more records are shown than the budget and one page', async () => {
  await fc.assert(budgetIsKept(meterCaller), { numRuns: 25 });
}, 60_000);

test('a twin that counts only what was shown, after it was shown, is caught', async () => {
  const countsLate: typeof meterCaller = async (tools, caller) => {
    const use = await meterCaller(tools, caller);
    return (
      use && {
        ...use,
        reserve: () => Promise.resolve(),
        settle: async (shown) => {
          await use.reserve(shown).catch(() => undefined);
          await use.settle(shown);
        },
      }
    );
  };
  const outcome = await fc.check(budgetIsKept(countsLate), { numRuns: 100, endOnFailure: true });
  expect(outcome.failed).toBe(true);
}, 60_000);

test('where the counts cannot be read nothing is shown', async () => {
  await given({ 'calls-per-day': 100 });
  await house.admin.raw('alter table budget_counts rename to budget_counts_gone');
  try {
    const refused = await get('/v1/customers');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'budget-unreadable' });
  } finally {
    await house.admin.raw('alter table budget_counts_gone rename to budget_counts');
  }
});

test('counts are committed without waiting for the disk, and what is disclosed is not', async () => {
  const session = await openSession(house.tools.db);
  const waits = async () =>
    (await session.query<{ synchronous_commit: string }>('show synchronous_commit')).rows[0];
  try {
    await session.query('set synchronous_commit = on');
    await session.query('begin');
    await session.query(`insert into budget_counts values ('x', 1, 0)`);
    expect(await waits()).toEqual({ synchronous_commit: 'off' });
    await session.query('commit');
    expect(await waits()).toEqual({ synchronous_commit: 'on' });
  } finally {
    session.release(true);
  }
});

test('a budget that is no whole number above nothing is refused', async () => {
  for (const limit of [0, -1, 1.5, NaN, 1_000_000_001]) {
    const set = setBudget(house.tools, {
      ...{ partnerId: bright.partner.id, limits: { 'calls-per-day': limit }, setBy: 'test' },
    });
    await expect(set).rejects.toMatchObject({ kind: { code: 'invalid-budget' } });
  }
});
