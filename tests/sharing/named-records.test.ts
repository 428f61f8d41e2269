import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway, partnerApi } from '../../src/gateway.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import {
  givenPartner,
  givenRecords,
  givenSharedCustomer,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const recordTypesDir = fileURLToPath(new URL('../../examples/northwind/records', import.meta.url));

let house: House;
let gateway: Express;
let linked: GivenPartner;
let token: string;

const integration = {
  kind: 'integration',
  classes: ['contact', 'account', 'financial', 'billing', 'business'],
  purposes: ['identity', 'billing', 'fees', 'integration'],
} as const;

beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
  gateway = createGateway(house.tools);
  linked = await givenPartner(house.tools, {
    ...integration,
    key: 'linked',
    view: { customer: true, invoice: true, order: true },
  });
  await givenSharedCustomer(house.tools, linked.partner, 'ada');
  await givenRecords(house.tools, [
    ['order', { id: 'o', customer: 'ada', service: 'store', orderedOn: '2026-03-01', lines: [] }],
  ]);
  token = await givenToken(gateway, linked);
});
afterAll(() => house.close());

const get = (path: string, who = token) => request(gateway).get(path).auth(who, { type: 'bearer' });

test('records of a type that the operator declared are read by its name, in a list and one by one', async () => {
  const list = await get('/v1/records/order?fields=orderedOn&from=2026-03-01&to=2026-03-02');
  expect(list.body).toEqual({
    data: [{ id: expect.stringMatching(/^rec_/), orderedOn: '2026-03-01' }],
    next: null,
  });
  const { data } = list.body as { data: { id: string }[] };
  const one = await get(`/v1/records/order/${String(data[0]?.id)}?fields=orderedOn`);
  expect([one.status, one.body]).toEqual([200, data[0]]);
  const entry = await get(`/v1/disclosures/${String(one.headers['disclosure-id'])}`);
  expect(JSON.parse((entry.body as { entry: string }).entry)).toMatchObject({
    recordType: 'order',
    classes: ['business'],
    fields: ['id', 'orderedOn'],
  });
});

test('the records that every catalogue has are the same by name as in their own list', async () => {
  for (const [list, type] of [
    ['customers', 'customer'],
    ['invoices', 'invoice'],
  ]) {
    const own = await get(`/v1/${String(list)}`);
    const named = await get(`/v1/records/${String(type)}`);
    expect(own.status).toBe(200);
    expect(named.text).toBe(own.text);
  }
});

test('promise P14: a type that is hidden from a partner, whatever hides it, is answered as one that does not exist', async () => {
  const hidden: [string, string][] = [];
  const add = async (name: string, given: GivenPartner, form = {}) =>
    hidden.push([name, await givenToken(gateway, given, form)]);
  await add('a referral partner', await givenPartner(house.tools, { key: 'referral' }));
  await add(
    'not in its view',
    await givenPartner(house.tools, { ...integration, key: 'unlisted' }),
  );
  await add('not in its agreement', await givenPartner(house.tools, { ...integration, key: 'unagreed', classes: ['contact'], view: { customer: { properties: { contact: true } } } })); // prettier-ignore
  await add('no scope for it', linked, { scope: 'contact billing' });
  await add('no purpose for it', linked, { purpose: 'billing' });
  const bare = await givenPartner(house.tools, { ...integration, key: 'bare', view: null });
  await add('no view at all', bare);
  const halted = await givenPartner(house.tools, {
    ...integration,
    key: 'halted',
    view: { order: true },
  });
  await add('suspended', halted);
  await changePartnerStatus(house.tools, { partnerId: halted.partner.id, status: 'suspended' });
  const told = async (path: string, who: string) => {
    const { status, headers, text } = await get(path, who);
    const named = Object.entries(headers as Record<string, string>)
      .filter(([name]) => !['date', 'request-id'].includes(name))
      .sort();
    return [status, named, text.replaceAll(/req_[A-Za-z0-9_-]+/g, 'req_')];
  };
  for (const [name, who] of hidden) {
    for (const rest of [
      '',
      `/rec_${'A'.repeat(22)}`,
      '/x',
      '?limit=1',
      '?fields=lines',
      '?fields=nonsense',
      '?from=2026-01-01',
      '?customer=x',
      '?cursor=x',
      '?limit=0',
      '?nonsense=1',
    ]) {
      const about = (type: string) => told(`/v1/records/${type}${rest}`, who);
      const [order, nonsense] = [await about('order'), await about('nonsense')];
      expect([name, rest, order]).toEqual([name, rest, nonsense]);
      expect(order[0]).not.toBe(200);
    }
  }
  expect((await get('/v1/records/order', hidden[0]![1])).status).toBe(404);
  // Names that every object has are no types either.
  for (const name of ['constructor', '__proto__', 'toString'])
    expect((await get(`/v1/records/${name}`)).status).toBe(404);
});

test('promise P14: the lists that everybody knows say which promise keeps their records back', async () => {
  const few = await givenPartner(house.tools, { key: 'few', view: { invoice: true } });
  const { status, body } = await get('/v1/customers', await givenToken(gateway, few));
  expect([status, body]).toEqual([
    403,
    expect.objectContaining({ code: 'class-not-shared', promise: 'P09' }),
  ]);
});

test('no route that discloses answers HEAD, a range or a condition, nor may its answer be kept', async () => {
  const lines = partnerApi(house.tools).tables.flatMap(({ base, lines: all }) =>
    all.filter(({ discloses }) => discloses).map(({ path }) => base + path),
  );
  const { data } = (await get('/v1/customers')).body as { data: { id: string }[] };
  const paths = lines
    .filter((path) => !path.startsWith('/v1/fees') && !/payments|refunds/.test(path))
    .map((path) => path.replace(':type', 'customer'))
    .map((path) => (path.includes('invoices/') ? '/v1/invoices' : path))
    .map((path) => path.replace(':id', String(data[0]?.id)));
  expect(paths.length).toBeGreaterThanOrEqual(6);
  for (const path of paths) {
    const head = await request(gateway).head(path).auth(token, { type: 'bearer' });
    expect([path, head.status, head.headers['allow']]).toEqual([path, 405, 'GET']);
    const plain = await get(path);
    expect([path, plain.status]).toEqual([path, 200]);
    const conditional = await get(path)
      .set('Range', 'bytes=0-3')
      .set('If-None-Match', '*')
      .set('If-Modified-Since', 'Fri, 31 Dec 9999 23:59:59 GMT')
      .set('If-Range', 'Fri, 31 Dec 9999 23:59:59 GMT');
    expect([path, conditional.status, conditional.text]).toEqual([path, 200, plain.text]);
    for (const { headers } of [plain, conditional]) {
      expect(headers['cache-control']).toBe('no-store');
      for (const name of ['etag', 'last-modified', 'accept-ranges', 'content-range'])
        expect(headers).not.toHaveProperty(name);
    }
    expect(Object.keys(plain.body as object)).not.toContain('total');
  }
  for (const path of ['/v1/schema', '/v1/openapi.json', '/openapi.json'])
    expect((await get(path)).headers['cache-control']).toBe('no-store');
});
