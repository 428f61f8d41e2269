import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenPartner, givenSharedCustomer, money } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let [ada, ben] = ['', ''];

beforeAll(async () => {
  const payer = { name: 'The Ducallier Studios', iban: 'DE89370400440532013000', bic: undefined };
  house = await openHouse({ settings: { payer } });
  gateway = createGateway(house.tools);
  const { partner } = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, partner, 'ada');
  ada = (await givenPerson(house.tools, ['finance'], 'Ada')).key;
  ben = (await givenPerson(house.tools, ['finance'], 'Ben')).key;
});
afterAll(() => house.close());

const base = '/operator/v1';
/** supertest reads text of types that it knows; this reads any. */
const textOf: Parameters<request.Test['parse']>[0] = (response, done) => {
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part));
  response.on('end', () => {
    done(null, Buffer.concat(parts).toString());
  });
};
const get = (path: string) => request(gateway).get(base + path).auth(ada, { type: 'bearer' }); // prettier-ignore
const post = (path: string, key: string, body?: object) =>
  request(gateway).post(base + path).auth(key, { type: 'bearer' }).send(body); // prettier-ignore

test('a closed statement is approved, put into a batch, handed to the bank and paid', async () => {
  const account = {
    currency: 'EUR',
    name: 'Brightside GmbH',
    account: 'GB82 WEST 1234 5698 7654 32',
  };
  const proposed = await post('/partners/brightside/payees', ada, account);
  expect(proposed.status).toBe(201);
  const { id } = proposed.body.proposal as { id: string };
  expect((await post(`/proposals/${id}/approve`, ada)).body).toMatchObject({ code: 'second-person-needed' }); // prettier-ignore
  expect((await post(`/proposals/${id}/approve`, ben)).status).toBe(200);
  expect((await get('/payees')).body).toMatchObject({
    data: [{ partner: 'brightside', account: 'GB82WEST12345698765432', named: { by: { name: 'Ada' }, approvedBy: { name: 'Ben' } } }], // prettier-ignore
  });
  await post('/statements/close', ada, { month: '2026-03', partner: null });
  expect((await post('/payouts', ada, { currency: 'EUR' })).body).toMatchObject({ code: 'nothing-to-pay-out' }); // prettier-ignore
  await post('/partners/brightside/statements/2026-03.EUR/approve', ben);
  const made = await post('/payouts', ada, { currency: 'EUR' });
  expect([made.status, made.body]).toMatchObject([
    201,
    { payout: { number: 1, status: 'open', total: money(240) }, leftOut: [] },
  ]);
  const xml = await get('/payouts/1/pain.001').buffer(true).parse(textOf);
  expect([xml.status, xml.type]).toEqual([200, 'application/xml']);
  expect(xml.body).toContain('<InstdAmt Ccy="EUR">2.40</InstdAmt>');
  const csv = await get('/payouts/1/csv');
  expect([csv.type, csv.text.split('\r\n')[1]]).toEqual(['text/csv', expect.stringContaining(',2.40,EUR,')]); // prettier-ignore
  for (let times = 0; times < 2; times += 1) {
    expect((await post('/payouts/1/payment', ben, { reference: 'wire 1' })).body).toMatchObject({
      status: 'paid',
      items: [{ status: 'paid', paid: { reference: 'wire 1', by: { name: 'Ben' } } }],
    });
  }
  expect((await get('/payouts')).body).toMatchObject({ data: [{ number: 1, status: 'paid' }] });
  expect((await get('/payouts/1')).body).toMatchObject({ files: { pain001: expect.any(String) } });
});

test('what there is not, and what is no payout, is said', async () => {
  const answers = await Promise.all([
    get('/payouts/2'),
    get('/payouts/x/csv'),
    post('/payouts/2/payment', ada, { reference: 'x' }),
    post('/payouts/1/release', ada, { reason: 'late' }),
    post('/payouts', ada, { currency: 'EUR', executeOn: '2020-01-01' }),
    post('/payouts', ada, { currency: 'euro' }),
    post('/partners/nobody/payees', ada, {
      currency: 'EUR',
      name: 'N',
      account: 'GB82WEST12345698765432',
    }),
    post('/partners/brightside/payees', ada, {
      currency: 'EUR',
      name: 'N',
      account: 'GB82WEST12345698765433',
    }),
  ]);
  expect(answers.map(({ body }: { body: { code: string } }) => body.code)).toEqual([
    'unknown-payout',
    'unknown-payout',
    'unknown-payout',
    'payout-paid',
    'invalid-payout',
    'body-invalid',
    'unknown-partner',
    'invalid-payee',
  ]);
});
