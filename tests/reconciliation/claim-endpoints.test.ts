import { request as askOverHttp, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
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

const csv = (text: string | Buffer, query = 'period=2026-02&currency=EUR', type = 'text/csv') =>
  request(gateway)
    .post(`/v1/fees/claims?${query}`)
    .auth(token, { type: 'bearer' })
    .set('Content-Type', type)
    .send(text);
const refusalOf = ({ status, body }: { status: number; body: unknown }) => {
  const { code, field, line } = body as Record<string, unknown>;
  return [status, code, field, line];
};
const claims = () => house.tools.db('claims').count<{ count: string }[]>('* as count');

test('the same bytes are one claim, and others take its place', async () => {
  const text = `customer;payment;amount\n;${pay('a1')};2.40\n`;
  const [first, again, other, back] = [await csv(text), await csv(text), await csv(`${text};${pay('b1')};10\n`), await csv(text)]; // prettier-ignore
  const ids = [first, again, other, back].map(({ body }) => (body as { id: string }).id);
  expect([first.status, again.status, other.status, back.status]).toEqual([201, 201, 201, 201]);
  expect([ids[0] === ids[1], ids[1] === ids[2], ids[2] === ids[3], ids[0] === ids[3]]).toEqual([true, false, false, false]); // prettier-ignore
  const { body } = await get(`/v1/fees/claims/${ids[0] ?? ''}`);
  expect(body).toMatchObject({ status: 'replaced', statementStatus: 'draft', lineCount: 1 });
});

test('fifty clients that send the same claim at once make one', async () => {
  const before = await claims();
  const sent = await Promise.all(
    Array.from({ length: 50 }, () =>
      csv('customer,amount\nR-1,1\n', 'period=2026-01&currency=EUR'),
    ),
  );
  expect(new Set(sent.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
  const after = await claims();
  expect(Number(after[0]?.count)).toBe(Number(before[0]?.count) + 1);
});

test.each([
  [
    'a broken line',
    'customer,amount\nR-1,1\nR-2,1,5\n',
    undefined,
    [422, 'claim-invalid', 'row', 3],
  ],
  [
    'a decimal comma',
    'customer;amount\nR-1;1,50\n',
    undefined,
    [422, 'claim-invalid', 'amount', 2],
  ],
  ['Latin-1', Buffer.from('customer,amount\nMüller,1\n', 'latin1'), undefined, [422, 'claim-invalid', undefined, undefined]], // prettier-ignore
  ['a month to come', 'customer,amount\nR-1,1\n', 'period=2027-03&currency=EUR', [422, 'unknown-period', 'period', undefined]], // prettier-ignore
  ['a quarter, where months are agreed', 'customer,amount\nR-1,1\n', 'period=2026-Q1&currency=EUR', [422, 'unknown-period', 'period', undefined]], // prettier-ignore
  ['no month', 'customer,amount\nR-1,1\n', 'period=2026-13&currency=EUR', [422, 'unknown-period', 'period', undefined]], // prettier-ignore
  ['an unknown currency', 'customer,amount\nR-1,1\n', 'period=2026-03&currency=XXX', [422, 'unknown-currency', 'currency', undefined]], // prettier-ignore
  ['no currency', 'customer,amount\nR-1,1\n', 'period=2026-03', [400, 'param-invalid', 'currency', undefined]], // prettier-ignore
])('of a claim with %s nothing is kept', async (_, text, query, refusal) => {
  const before = await claims();
  expect(refusalOf(await csv(text, query))).toEqual(refusal);
  expect(await claims()).toEqual(before);
});

test('a body of another kind is refused before it is read', async () => {
  for (const type of ['text/csv; charset=iso-8859-1', 'text/plain', 'application/octet-stream']) {
    expect(refusalOf(await csv('customer,amount\nR-1,1\n', undefined, type)).slice(0, 2)).toEqual([415, 'unsupported-media-type']); // prettier-ignore
  }
});

test('of a file of 100 MB no more is taken than a claim can be', async () => {
  const server = gateway.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const path = '/v1/fees/claims?period=2026-03&currency=EUR';
  const headers = { Host: '127.0.0.1:8080', Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv' }; // prettier-ignore
  const send = (more: Record<string, string | number>, chunks: number) =>
    new Promise<[status: number | undefined, sent: number]>((resolve, reject) => {
      let [sent, isAnswered] = [0, false];
      const asked = askOverHttp({ port, method: 'POST', path, headers: { ...headers, ...more } });
      asked.on('error', (error) => {
        if (!isAnswered) reject(error);
      });
      asked.on('response', (answer: IncomingMessage) => {
        isAnswered = true;
        resolve([answer.statusCode, sent]);
        asked.destroy();
      });
      const chunk = Buffer.alloc(65_536, 'R-1,1\n');
      const next = (): void => {
        if (isAnswered || sent >= chunks * chunk.length) return;
        sent += chunk.length;
        if (asked.write(chunk)) setImmediate(next);
        else asked.once('drain', next);
      };
      asked.flushHeaders();
      next();
    });
  const hundred = 100 * 1024 * 1024;
  const [early, none] = await send({ 'Content-Length': hundred }, 0);
  expect([early, none]).toEqual([413, 0]);
  const [late, sent] = await send({ 'Transfer-Encoding': 'chunked' }, hundred / 65_536);
  expect(late).toBe(413);
  expect(sent).toBeLessThan(24 * 1024 * 1024);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
