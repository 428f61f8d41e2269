import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { setChoice } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { customerIdOf, recordIdOf } from '../../src/records/index.ts';
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
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;

beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  gateway = createGateway(tools);
  bright = await givenPartner(tools);
  const rival = await givenPartner(tools, { key: 'rival' });
  await givenRecords(tools, [
    service(),
    ...['ada', 'ben', 'cyd', 'dot', 'eve'].map((id) => customer(id)),
  ]);
  for (const who of ['ada', 'ben', 'cyd', 'eve']) {
    await givenRelationship(tools, bright.partner, who);
  }
  await givenRelationship(tools, rival.partner, 'dot');
  await givenRecords(tools, [
    payment('a1', 'ada'),
    refund('r1', 'ada', 'a1'),
    payment('a2', 'ada', { settledAt: '2026-04-03T10:00:00Z' }),
    payment('b1', 'ben', { amount: money(5000) }),
    payment('b2', 'ben', { amount: money(700, 'GBP') }),
    payment('c1', 'cyd'),
    payment('d1', 'dot'),
    payment('e1', 'eve', { amount: money(2500) }),
  ]);
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', by });
  await setChoice(tools, {
    ...{ customerId: customerIdOf('cyd'), partner: bright.partner, sharing: 'refused' },
    ...{ at: tools.clock.now(), evidence: 'asked', actor: 'test' },
  });
  await accrueFees(tools, {});
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

const pairwise = () => pairwiseOf(house.tools.settings.keys.pairwise, bright.partner.id);
const cus = (key: string) => pairwise().idOf('customer', customerIdOf(key));
const pay = (key: string) => pairwise().idOf('payment', recordIdOf('payment', key));

const claim = (lines: readonly object[], query = 'period=2026-03&currency=EUR') =>
  request(gateway).post(`/v1/fees/claims?${query}`).auth(token, { type: 'bearer' }).send({ lines });
const get = (path: string) => request(gateway).get(path).auth(token, { type: 'bearer' });

interface Line {
  outcome: string;
  reason?: string;
  claimed: { lines: number[]; amount: { amount: number } };
  ours: { lines: string[]; amount: { amount: number } };
  difference: { amount: number };
}
async function outcomesOf(lines: readonly object[], query?: string) {
  const taken = await claim(lines, query);
  expect([taken.status, taken.body]).toMatchObject([201, { status: 'open' }]);
  const { id } = taken.body as { id: string };
  const page = await get(`/v1/fees/claims/${id}/lines?limit=1000`);
  expect(page.status).toBe(200);
  const sums = await get(`/v1/fees/claims/${id}`);
  expect(sums.status).toBe(200);
  return {
    data: (page.body as { data: Line[] }).data,
    sums: sums.body as Record<string, { amount: number }>,
  };
}
const brief = ({ outcome, reason, claimed, ours, difference }: Line) =>
  [outcome, reason ?? '', claimed.lines, claimed.amount.amount, ours.amount.amount, difference.amount, ours.lines.length]; // prettier-ignore

test('a claim is compared with the statement of its period, line by line', async () => {
  const { data, sums } = await outcomesOf([
    { payment: pay('a1'), amount: 240 },
    { customer: cus('ben'), payment: pay('b1'), amount: 1000 },
    { customer: cus('ben'), payment: pay('b1'), amount: 1000 },
    { customer: cus('cyd'), amount: 240 },
    { customer: cus('dot'), payment: pay('d1'), amount: 240 },
    { customer: 'nobody', amount: 240 },
    { customer: cus('ada'), payment: pay('a2'), amount: 240 },
    { customer: cus('ben'), payment: pay('b2'), amount: 140 },
  ]);
  const rest = data.slice(8).map(brief).sort((a, b) => Number(a[4]) - Number(b[4])); // prettier-ignore
  expect([...data.slice(0, 8).map(brief), ...rest]).toEqual([
    ['amount-differs', 'refunded', [1], 240, 180, 60, 2],
    ['matched', '', [2], 1000, 1000, 0, 1],
    ['duplicate', '', [3], 1000, 0, 1000, 0],
    ['not-matched', '', [4], 240, 0, 240, 0],
    ['not-matched', '', [5], 240, 0, 240, 0],
    ['not-matched', '', [6], 240, 0, 240, 0],
    ['timing', 'other-period', [7], 240, 0, 240, 0],
    ['amount-differs', 'currency-not-agreed', [8], 140, 0, 140, 0],
    // Of a customer that opted out: its id and amount alone, as on the statement.
    ['not-claimed', '', [], 0, 240, -240, 1],
    ['not-claimed', '', [], 0, 500, -500, 1],
  ]);
  expect([sums['claimed'], sums['ours'], sums['difference']]).toEqual([3340, 1920, 1420].map((amount) => money(amount))); // prettier-ignore
});
