import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenSharedCustomer,
  givenToken,
  invoice,
  payment,
  refund,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  const other = await givenPartner(house.tools, { key: 'other' });
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  await givenSharedCustomer(house.tools, other.partner, 'ben');
  await givenRecords(house.tools, [refund('r1', 'ada', 'p-ada'), customer('never-paid')]);
  await givenRelationship(house.tools, bright.partner, 'never-paid');
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly next: string | null;
}
const get = (path: string, with_ = token) =>
  request(gateway).get(path).auth(with_, { type: 'bearer' });
const pageOf = async (path: string): Promise<Page> => {
  const answer = await get(path);
  expect([path, answer.status, answer.text.slice(0, 200)]).toEqual([path, 200, expect.anything()]);
  return answer.body as Page;
};

test('a referral partner pulls the billing data of the customers it shares with us', async () => {
  const customers = await pageOf('/v1/customers');
  expect(customers.next).toBeNull();
  expect(customers.data).toEqual([
    {
      id: expect.stringMatching(/^cus_/),
      contact: {
        kind: 'person',
        name: 'Person ada',
        phone: '+1 555 0100',
        address: { city: 'Springfield' },
      },
      account: { number: 'A-ada', plan: 'pro' },
      billing: { name: 'Billing ada', address: { city: 'Shelbyville' } },
    },
  ]);
  const invoices = await pageOf('/v1/invoices');
  const id = customers.data[0]?.['id'];
  expect(invoices.data).toMatchObject([
    {
      customer: id,
      number: 'N-i-ada',
      issuedOn: '2026-03-01',
      total: { amount: 1200, currency: 'EUR' },
    },
  ]);
  const payments = await pageOf('/v1/payments');
  expect(payments.data).toMatchObject([
    { customer: id, amount: { amount: 1200, currency: 'EUR' } },
  ]);
  const refunds = await pageOf('/v1/refunds');
  expect(refunds.data).toMatchObject([
    { customer: id, payment: payments.data[0]?.['id'], amount: { amount: 300, currency: 'EUR' } },
  ]);
});

test('a single record is the page’s record; a foreign id and a missing one are answered alike', async () => {
  const [mine] = (await pageOf('/v1/invoices')).data;
  const single = await get(`/v1/invoices/${String(mine?.['id'])}`);
  expect(single.body).toEqual(mine);
  const theirs = await givenToken(gateway, await givenPartner(house.tools, { key: 'third' }));
  const foreign = await get(`/v1/invoices/${String(mine?.['id'])}`, theirs);
  const missing = await get(`/v1/invoices/inv_${'A'.repeat(22)}`, theirs);
  const wrongType = await get(`/v1/invoices/cus_${'A'.repeat(22)}`, theirs);
  const blind = (text: string) => text.replace(/"requestId":"[^"]*"/, '');
  expect(foreign.status).toBe(404);
  expect(blind(foreign.text)).toBe(blind(missing.text));
  expect(blind(foreign.text)).toBe(blind(wrongType.text));
});

test('every page stands in the log before it is received, with the hash of its very bytes', async () => {
  const page = await get('/v1/invoices');
  const id = String(page.headers['disclosure-id']);
  const logged = await get(`/v1/disclosures/${id}`);
  expect(logged.status).toBe(200);
  const { entry } = logged.body as { entry: string };
  const salt = Buffer.from(String(page.headers['disclosure-salt']), 'base64url');
  const payload = createHash('sha256').update(salt).update(page.text).digest('base64url');
  expect(JSON.parse(entry)).toMatchObject({
    id,
    channel: 'pull',
    recipient: 'brightside',
    recordType: 'invoice',
    classes: ['billing'],
    policy: { promises: ['P10', 'P11'] },
    subjects: { size: 1 },
    payload,
  });
  const proof = await get(`/v1/disclosures/${id}/proof`);
  expect(proof.status).toBe(200);
  expect(proof.text).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
});

test('pages walk through every record once, in an order that never changes', async () => {
  const ids = Array.from({ length: 25 }, (_, i) => `w${String(i)}`);
  for (const id of ids) await givenSharedCustomer(house.tools, bright.partner, id);
  const seen: unknown[] = [];
  let path = '/v1/customers?limit=4';
  for (;;) {
    const page = await pageOf(path);
    seen.push(...page.data.map(({ id }) => id));
    if (page.next === null) break;
    path = `/v1/customers?limit=4&cursor=${page.next}`;
  }
  expect(seen).toHaveLength(26);
  expect(new Set(seen).size).toBe(26);
  expect(seen).toEqual((await pageOf('/v1/customers?limit=1000')).data.map(({ id }) => id));
});

test('a cursor of another list, of another partner or with one letter changed is refused', async () => {
  const { next } = await pageOf('/v1/customers?limit=1');
  const cursor = String(next);
  const theirs = await givenToken(gateway, await givenPartner(house.tools, { key: 'fourth' }));
  const changed = (cursor.startsWith('A') ? 'B' : 'A') + cursor.slice(1);
  for (const answer of [
    await get(`/v1/invoices?cursor=${cursor}`),
    await get(`/v1/customers?cursor=${cursor}`, theirs),
    await get(`/v1/customers?cursor=${changed}`),
  ]) {
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'cursor-invalid', field: 'cursor' });
  }
});

test('limit 0 and 1001 and unknown parameters are refused, and nothing is logged', async () => {
  const size = async () => (await house.admin('disclosure_entries').count()).at(0);
  const before = await size();
  for (const query of ['limit=0', 'limit=1001', 'limit=1&limit=2', 'limt=1', 'limit=1e2']) {
    const answer = await get(`/v1/invoices?${query}`);
    expect([query, answer.status]).toEqual([query, 400]);
    expect(answer.type).toBe('application/problem+json');
  }
  expect(await size()).toEqual(before);
});

test('promise P10: a customer who never paid is nowhere', async () => {
  const { data } = await pageOf('/v1/customers?limit=1000');
  expect(JSON.stringify(data)).not.toContain('never-paid');
});

test('promise P11: a record of the time before the relationship stays invisible', async () => {
  await givenRecords(house.tools, [
    invoice('old', 'ada', { issuedOn: '2025-12-31' }),
    payment('old', 'ada', { settledAt: '2025-12-31T23:59:59Z' }),
  ]);
  const text = JSON.stringify((await pageOf('/v1/invoices?limit=1000')).data);
  expect(text).not.toContain('N-old');
  expect(JSON.stringify((await pageOf('/v1/payments?limit=1000')).data)).not.toContain(
    '2025-12-31',
  );
});

test('GET /v1/me says who calls and which fields it can read', async () => {
  const me = await get('/v1/me');
  expect(me.status).toBe(200);
  expect(me.body).toMatchObject({
    partner: { key: 'brightside', kind: 'referral' },
    agreement: { version: 1 },
    view: { version: 1, records: { payment: expect.arrayContaining(['amount.amount']) } },
  });
});
