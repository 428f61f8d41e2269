import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { closeStatements, findClosedStatements } from '../../src/settlements/index.ts';
import { draftStatements } from '../../src/statements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
  fee,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  money,
  payment,
  refund,
  service,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(() => house.close());

const figures = ['opening', 'accrued', 'reversed', 'adjusted', 'closing', 'lineCount'] as const;

test('a draft with adjustments to come has the totals that the close then states', async () => {
  const { tools } = house;
  const gateway = createGateway(tools);
  const bright = await givenPartner(tools);
  const { id: partnerId } = bright.partner;
  await givenRecords(tools, [service(), customer('ada')]);
  await givenRelationship(tools, bright.partner, 'ada');
  await givenRecords(tools, [payment('a1', 'ada')]);
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', by });
  await givenRecords(tools, [
    payment('late', 'ada', { settledAt: '2026-03-20T10:00:00Z', amount: money(1000) }),
    refund('back', 'ada', 'a1', { refundedAt: '2026-03-21T10:00:00Z', amount: money(100) }),
    payment('a2', 'ada', { settledAt: '2026-04-02T10:00:00Z', amount: money(700) }),
  ]);
  await accrueFees(tools, { partnerId });
  const token = await givenToken(gateway, bright);
  const read = async (path: string) => {
    const { body } = await request(gateway).get(path).auth(token, { type: 'bearer' });
    return body as Record<string, unknown>;
  };
  const april = '/v1/fees/statements/2026-04.EUR';
  const draft = await read(april);
  const list = await read('/v1/fees/statements');
  await closeStatements(tools, { month: '2026-04', by });
  const closed = await read(april);
  expect([draft['status'], closed['status']]).toEqual(['draft', 'closed']);
  expect(draft['adjusted']).toEqual(money(180));
  for (const name of figures) expect([name, draft[name]]).toEqual([name, closed[name]]);
  const { lines, next, ...totals } = draft;
  expect([lines, next]).toEqual([linesIn(closed), null]);
  expect((list['data'] as unknown[])[0]).toEqual(totals);
}, 60_000);

interface Line extends Record<string, unknown> {
  readonly adjustment?: string;
}

/** Lines without what a close adds so that they can be proven. */
const linesIn = (statement: Record<string, unknown>) =>
  (statement['lines'] as Line[]).map(({ salt: _salt, sha256: _hash, ...line }) => line);

test('a draft’s adjustments are the closed statement’s, page by page, and tell nothing of who is away', async () => {
  const { tools } = house;
  const gateway = createGateway(tools);
  const away = await givenPartner(tools, { key: 'away' });
  const { partner } = away;
  await givenRecords(tools, [service(), customer('dan'), customer('eve')]);
  await givenRelationship(tools, partner, 'dan');
  await givenRelationship(tools, partner, 'eve');
  await givenRecords(tools, [payment('d1', 'dan'), payment('e1', 'eve'), payment('d2', 'dan')]);
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', partnerId: partner.id, by });
  await givenRecords(tools, [
    refund('d1 back', 'dan', 'd1', { refundedAt: '2026-03-21T10:00:00Z' }),
    refund('e1 back', 'eve', 'e1', { refundedAt: '2026-03-21T10:00:00Z' }),
    payment('d3', 'dan', { settledAt: '2026-03-22T10:00:00Z' }),
    payment('d4', 'dan', { settledAt: '2026-04-22T10:00:00Z' }),
    payment('d5', 'dan', { settledAt: '2026-04-23T10:00:00Z' }),
  ]);
  const change = { customerId: customerIdOf('eve'), serviceId: serviceIdOf('store') };
  const said = { evidence: 'a letter', actor: 'privacy', at: tools.clock.now() };
  await changeRelationship(tools, { partner, event: 'opted-out', ...change, ...said });
  await accrueFees(tools, { partnerId: partner.id });
  const token = await givenToken(gateway, away);
  const read = async (query = '') => {
    const path = `/v1/fees/statements/2026-04.EUR${query}`;
    const { body } = await request(gateway).get(path).auth(token, { type: 'bearer' });
    return body as Record<string, unknown>;
  };
  const draft = await read();
  expect(draft).toMatchObject({ status: 'draft', lineCount: 2, adjustmentCount: 3 });
  const pages: Line[] = [];
  for (let limit = 1, next: unknown = ''; next !== null; limit = 1) {
    const page = await read(`?limit=${String(limit)}${next === '' ? '' : `&cursor=${next as string}`}`); // prettier-ignore
    pages.push(...linesIn(page));
    next = page['next'];
  }
  expect(pages).toEqual(draft['lines']);
  await closeStatements(tools, { month: '2026-04', partnerId: partner.id, by });
  expect(draft['lines']).toEqual(linesIn(await read()));
  const adjustments = pages.filter(({ adjustment }) => adjustment !== undefined);
  expect(adjustments).toHaveLength(3);
  expect(adjustments.filter((line) => line['customer'] === undefined)).toEqual([
    { id: expect.any(String), reason: 'reversed', amount: expect.anything(), adjustment: 'late' },
  ]);
}, 60_000);

test('drafts are of the periods that are agreed, and what a close would state alone has one', async () => {
  const { tools } = house;
  const gateway = createGateway(tools);
  const halves = await givenPartner(tools, {
    key: 'halves',
    terms: { fee: { ...fee, period: 'half-month' } },
  });
  const { id: partnerId } = halves.partner;
  await givenRecords(tools, [service(), customer('bob')]);
  await givenRelationship(tools, halves.partner, 'bob');
  await givenRecords(tools, [
    payment('b1', 'bob', { settledAt: '2026-03-02T10:00:00Z' }),
    payment('b2', 'bob', { settledAt: '2026-03-20T10:00:00Z', amount: money(700) }),
  ]);
  await accrueFees(tools, { partnerId });
  const token = await givenToken(gateway, halves);
  const read = async (path = '') => {
    const { body } = await request(gateway)
      .get(`/v1/fees/statements${path}`)
      .auth(token, { type: 'bearer' });
    return body as Record<string, unknown>;
  };
  const ids = async () => ((await read())['data'] as { id: string }[]).map(({ id }) => id);
  expect(await ids()).toEqual(['2026-03-2.EUR', '2026-03-1.EUR']);
  const drafts = [await read('/2026-03-1.EUR'), await read('/2026-03-2.EUR')];
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', partnerId, by });
  const closed = [await read('/2026-03-1.EUR'), await read('/2026-03-2.EUR')];
  for (const [i, draft] of drafts.entries()) {
    for (const name of ['accrued', 'reversed', 'lineCount'] as const) {
      expect([i, name, draft[name]]).toEqual([i, name, closed[i]?.[name]]);
    }
  }
  // Nothing is available in April but what is late.
  expect(await ids()).toEqual(['2026-03-2.EUR', '2026-03-1.EUR']);
  await givenRecords(tools, [payment('b3', 'bob', { settledAt: '2026-03-05T10:00:00Z' })]);
  await accrueFees(tools, { partnerId });
  expect(await ids()).toEqual(['2026-04-1.EUR', '2026-03-2.EUR', '2026-03-1.EUR']);
  const late = await read('/2026-04-1.EUR');
  expect(late).toMatchObject({ status: 'draft', lineCount: 0, lines: [{ adjustment: 'late' }] });
  await closeStatements(tools, { month: '2026-04', partnerId, by });
  const stated = await read('/2026-04-1.EUR');
  expect(late['adjusted']).toEqual(stated['adjusted']);
  expect(late['closing']).toEqual(stated['closing']);
}, 60_000);

test('the first draft of a quarter begins with the quarter, as its statement does', async () => {
  const { tools } = house;
  const gateway = createGateway(tools);
  const quarters = await givenPartner(tools, {
    key: 'quarters',
    terms: { fee: { ...fee, period: 'quarter' } },
  });
  await givenRecords(tools, [service(), customer('cid')]);
  await givenRelationship(tools, quarters.partner, 'cid');
  await givenRecords(tools, [payment('c1', 'cid', { settledAt: '2026-03-20T10:00:00Z' })]);
  await accrueFees(tools, { partnerId: quarters.partner.id });
  const token = await givenToken(gateway, quarters);
  const read = async () => {
    const path = '/v1/fees/statements/2026-Q1.EUR';
    const { body } = await request(gateway).get(path).auth(token, { type: 'bearer' });
    return body as Record<string, unknown>;
  };
  const draft = await read();
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', partnerId: quarters.partner.id, by });
  const closed = await read();
  expect([draft['status'], closed['status']]).toEqual(['draft', 'closed']);
  for (const name of ['id', 'month', 'opening', 'accrued', 'closing', 'lineCount'] as const) {
    expect([name, draft[name]]).toEqual([name, closed[name]]);
  }
}, 60_000);

test('drafts open with what the drafts before them carry on, as their closes then do', async () => {
  const { tools } = house;
  const minimum = await givenPartner(tools, {
    key: 'minimum',
    terms: { fee: { ...fee, minimumPayout: { EUR: 500, USD: 500 }, forfeitAfterMonths: 3 } },
  });
  const { id: partnerId } = minimum.partner;
  await givenRecords(tools, [service(), customer('fay')]);
  await givenRelationship(tools, minimum.partner, 'fay');
  const paid = (id: string, day: string, minor: number) =>
    payment(id, 'fay', { settledAt: `${day}T10:00:00Z`, amount: money(minor) });
  await givenRecords(tools, [
    paid('f1', '2026-03-05', 1000),
    refund('f1 back', 'fay', 'f1', { refundedAt: '2026-03-21T10:00:00Z', amount: money(100) }),
    paid('f2', '2026-04-05', 1000),
    paid('f3', '2026-05-05', 1500),
    paid('f4', '2026-06-05', 1000),
    refund('f4 back', 'fay', 'f4', { refundedAt: '2026-10-21T10:00:00Z', amount: money(100) }),
    paid('f5', '2026-11-05', 200),
  ]);
  await accrueFees(tools, { partnerId });
  const inOrder = (all: readonly { id: string; openingMinor: bigint; closingMinor: bigint }[]) =>
    all
      .map(({ id, openingMinor, closingMinor }) => [id, openingMinor, closingMinor])
      .sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  const drafts = inOrder(await draftStatements(tools, { partnerId }));
  expect(drafts).toEqual([
    ['2026-03.EUR', 0n, 180n],
    ['2026-04.EUR', 180n, 380n],
    ['2026-05.EUR', 380n, 680n],
    ['2026-06.EUR', 0n, 200n],
    // Nothing was earned for three months: it is forfeited.
    ['2026-10.EUR', 200n, 180n],
    ['2026-11.EUR', 0n, 40n],
  ]);
  const by = (await givenPerson(tools, ['finance'])).id;
  for (const month of ['2026-03', '2026-04', '2026-05', '2026-06']) {
    await closeStatements(tools, { month, partnerId, by });
  }
  const closed = await findClosedStatements(tools.db, { partnerId });
  expect(inOrder(closed)).toEqual(drafts.slice(0, 4));
  expect(inOrder(await draftStatements(tools, { partnerId }))).toEqual([
    // The first period that is open, though nothing stands there.
    ['2026-07.EUR', 200n, 200n],
    ...drafts.slice(4),
  ]);
}, 60_000);
