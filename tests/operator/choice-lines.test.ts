import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
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
import { openHouse, type House } from '../support/house.ts';
import { operatorOf } from './given-operator.ts';

/** A key as a source may have it: no id of ours could. */
const odd = 'c/ü 1&x=%';
const query = `/choices?customer=${encodeURIComponent(odd)}`;
let house: House;
let gateway: Express;
let bright: GivenPartner;
let ada: GivenPerson;
let token: string;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  await givenPartner(house.tools, { key: 'other' });
  const email = { address: 'odd@example.test' };
  await givenRecords(house.tools, [service(), customer(odd, { email }), payment('p', odd)]);
  await givenRelationship(house.tools, bright.partner, odd);
  ada = await givenPerson(house.tools, ['privacy'], 'Ada');
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

const { get, post } = operatorOf(() => gateway);
const said = { customer: odd, partner: 'brightside', evidence: 'Letter of Ms Odd.' };

async function seen(): Promise<number> {
  const asked = request(gateway).get('/v1/customers').set('Authorization', `Bearer ${token}`);
  return ((await asked).body as { data: unknown[] }).data.length;
}

test.each(['brightside', null])(
  'promise P32: a choice about %s set through the API is in force for the very next answer',
  async (partner) => {
    expect([await seen(), await seen()]).toEqual([1, 1]);
    const refused = await post('/choices', ada, { ...said, partner, sharing: 'refused' });
    expect(await seen()).toBe(0);
    expect(refused.status).toBe(200);
    expect(refused.body.standing).toContainEqual({
      partner,
      choice: 'refused',
      sharing: 'refused',
    });
    await post('/choices', ada, { ...said, partner, sharing: 'allowed' });
    expect(await seen()).toBe(1);
  },
);

test('the history names the person who set it and keeps the evidence to itself', async () => {
  const answer = await get(query, ada);
  const { history } = answer.body as { history: { sharing: string; actor: string }[] };
  expect(history.map(({ sharing }) => sharing)).toEqual([
    ...['refused', 'allowed', 'refused', 'allowed'],
  ]);
  expect(new Set(history.map(({ actor }) => actor))).toEqual(new Set([ada.id]));
  expect(answer.text).not.toContain('Letter');
});

test.each([
  ['a customer nobody knows', { customer: 'nobody' }, 404, 'unknown-customer'],
  ['a partner nobody knows', { partner: 'nobody' }, 404, 'unknown-partner'],
  ['no word about partners', { partner: undefined }, 422, 'body-invalid'],
  ['another word than refused or allowed', { sharing: 'perhaps' }, 422, 'invalid-choice'],
  ['a moment without an offset', { at: '2026-01-01T00:00:00' }, 422, 'invalid-moment'],
  ['a moment to come', { at: '2036-01-01T00:00:00Z' }, 422, 'invalid-choice'],
  ['no evidence', { evidence: '' }, 422, 'invalid-choice'],
  ['a name for the actor', { actor: 'somebody' }, 422, 'body-invalid'],
])('%s is refused and changes nothing', async (_what, wrong, status, code) => {
  const before = await get(query, ada);
  const answer = await post('/choices', ada, { ...said, sharing: 'refused', ...wrong });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect((await get(query, ada)).body).toEqual(before.body);
});

test('the customer is asked for by its key', async () => {
  for (const wrong of ['', '?customer=', `?customer=${'x'.repeat(201)}`]) {
    const answer = await get(`/choices${wrong}`, ada);
    expect([answer.status, answer.body.field]).toEqual([400, 'customer']);
  }
  expect((await get('/choices?customer=nobody', ada)).body.code).toBe('unknown-customer');
});
