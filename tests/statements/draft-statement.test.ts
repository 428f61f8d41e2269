import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { closeStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
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
