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
  house = await openHouse();
  gateway = createGateway(house.tools);
  const bright = await givenPartner(house.tools);
  await givenPartner(house.tools, { key: 'rival' });
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  ada = (await givenPerson(house.tools, ['finance'], 'Ada')).key;
  ben = (await givenPerson(house.tools, ['finance'], 'Ben')).key;
});
afterAll(() => house.close());

const base = '/operator/v1';
const get = (path: string) => request(gateway).get(base + path).auth(ada, { type: 'bearer' }); // prettier-ignore
const post = (path: string, key: string, body?: object) =>
  request(gateway).post(base + path).auth(key, { type: 'bearer' }).send(body); // prettier-ignore
const one = '/partners/brightside/statements/2026-03.EUR';

test('finance closes a month, a second person approves, and the payment is written down once', async () => {
  const month = { month: '2026-03', partner: null };
  const { body } = (await post('/statements/close', ada, month)) as {
    body: { data: unknown[]; refused: unknown[] };
  };
  expect(body.refused).toEqual([]);
  expect(body.data).toEqual([
    expect.objectContaining({ partner: 'brightside', id: '2026-03.EUR', status: 'closed', payout: money(240) }), // prettier-ignore
  ]);
  expect((await post('/statements/close', ada, month)).body).toMatchObject({ code: 'statement-closed' }); // prettier-ignore
  expect((await post(`${one}/approve`, ada)).body).toMatchObject({ code: 'second-person-needed' });
  expect((await post(`${one}/payment`, ada, { reference: 'w' })).body).toMatchObject({ code: 'statement-not-approved' }); // prettier-ignore
  expect((await post(`${one}/approve`, ben)).body).toMatchObject({ approved: { by: { name: 'Ben' } } }); // prettier-ignore
  for (let times = 0; times < 2; times += 1) {
    const paid = await post(`${one}/payment`, ben, { reference: 'wire 1' });
    expect(paid.body).toMatchObject({ status: 'paid', paid: { reference: 'wire 1' } });
  }
  expect((await get(one)).body).toMatchObject({ status: 'paid', closed: { by: { name: 'Ada' } } });
  expect((await get('/statements?partner=brightside&status=paid')).body).toMatchObject({ data: [{ id: '2026-03.EUR' }] }); // prettier-ignore
  expect((await get('/statements?status=closed')).body).toEqual({ data: [] });
});

test('what there is not is said', async () => {
  const answers = await Promise.all([
    get('/partners/rival/statements/2026-03.EUR'),
    get('/partners/nobody/statements/2026-03.EUR'),
    get('/statements?partner=nobody'),
    post('/statements/close', ada, { month: '2026-13', partner: null }),
    post('/statements/close', ada, { month: '2026-11', partner: 'rival' }),
  ]);
  expect(answers.map(({ body }: { body: { code: string } }) => body.code)).toEqual([
    'unknown-statement',
    'unknown-partner',
    'unknown-partner',
    'body-invalid',
    'nothing-to-close',
  ]);
});
