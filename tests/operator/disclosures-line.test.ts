import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { givenPartner, givenSharedCustomer, givenToken } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { operatorOf } from './given-operator.ts';

let house: House;
let gateway: Express;
let ada: GivenPerson;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  const bright = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  await givenSharedCustomer(house.tools, bright.partner, 'bob');
  const token = await givenToken(gateway, bright);
  for (const path of ['/v1/customers', '/v1/invoices', '/v1/payments', '/v1/fees']) {
    await request(gateway).get(path).set('Authorization', `Bearer ${token}`);
  }
  ada = await givenPerson(house.tools, ['privacy']);
});
afterAll(() => house.close());

const { get } = operatorOf(() => gateway);

test('promise P33: it says what was disclosed of a person, page by page, and shows no value of a record', async () => {
  const whole = await get('/customers/ada/disclosures', ada);
  expect(whole.status).toBe(200);
  const { data, next } = whole.body as { data: Record<string, unknown>[]; next: null };
  expect(next).toBeNull();
  expect(data.map((one) => one['recordType'])).toEqual(['customer', 'invoice', 'payment']);
  expect(data[1]).toMatchObject({
    ...{ recipient: 'brightside', channel: 'pull', fields: null, index: 1 },
    policy: { promises: expect.arrayContaining(['P11']) as unknown },
    records: [{ key: 'i-ada' }],
  });
  expect(whole.text).not.toMatch(/Person ada|Springfield|N-i-ada|i-bob/);
  const pages: unknown[] = [];
  for (let cursor = ''; ;) {
    const page = await get(`/customers/ada/disclosures?limit=1${cursor}`, ada);
    const told = page.body as { data: unknown[]; next: string | null };
    pages.push(...told.data);
    if (told.next === null) break;
    cursor = `&cursor=${told.next}`;
  }
  expect(pages).toEqual(data);
});

test('an unknown customer and a cursor that is none are refused', async () => {
  const unknown = await get('/customers/nobody/disclosures', ada);
  expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown-customer']);
  const wrong = await get('/customers/ada/disclosures?cursor=x', ada);
  expect([wrong.status, wrong.body.code]).toEqual([400, 'param-invalid']);
});
