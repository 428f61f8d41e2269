import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { createGateway } from '../../src/gateway.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { givenPartner, givenSharedCustomer } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { operatorOf } from './given-operator.ts';

let house: House;
let gateway: Express;
let ada: GivenPerson;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  const { partner } = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, partner, 'ada');
  ada = await givenPerson(house.tools, ['partner']);
});
afterAll(() => house.close());

const { get, post } = operatorOf(() => gateway);
const why = (field: string, more = '') =>
  get(`/why?partner=brightside&customer=ada&field=${field}${more}`, ada);

test('it says whether a field is shown, with the promises that allow or deny it', async () => {
  expect((await why('invoice.number')).body).toMatchObject({
    allowed: true,
    promises: ['P10', 'P11'],
    records: ['i-ada'],
  });
  const denied = await why('customer.email.address');
  expect(denied.body).toMatchObject({ allowed: false, promises: ['P07'] });
});

test('it is asked about a moment before the customer was shared, and says no', async () => {
  const past = await why('invoice.number', '&at=2020-01-01T00:00:00Z');
  expect(past.body).toMatchObject({ allowed: false, at: '2020-01-01T00:00:00.000Z' });
});

test('refusals name the parameter that is wrong or missing', async () => {
  expect((await get('/why?partner=brightside&customer=ada', ada)).body).toMatchObject({
    code: 'param-invalid',
    field: 'field',
  });
  expect((await why('invoice.ghost')).body.code).toBe('unknown-field');
  expect((await why('invoice.number', '&at=yesterday')).body.code).toBe('invalid-moment');
  expect((await get('/why?partner=no&customer=ada&field=a.b', ada)).body.code).toBe(
    'unknown-partner',
  );
  expect((await post('/why', ada, {})).status).toBe(405);
});
