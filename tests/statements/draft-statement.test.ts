import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { closeStatements } from '../../src/settlements/index.ts';
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
  expect([lines, next]).toEqual([[expect.anything()], null]);
  expect((list['data'] as unknown[])[0]).toEqual(totals);
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
  expect(late).toMatchObject({ status: 'draft', lineCount: 0, lines: [] });
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
