import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { Express } from 'express';
import request from 'supertest';
import { readCatalogue } from '../../src/catalogue/index.ts';
import { addClient } from '../../src/clients/index.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway, partnerApi } from '../../src/gateway.ts';
import { madeUp } from '../../src/sandbox/made-up-rules.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  invoice,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const recordTypesDir = fileURLToPath(new URL('../../examples/northwind/records', import.meta.url));
let house: House;
let gateway: Express;
let given: GivenPartner;
let real: string;
let sandbox: string;

beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
  const { tools } = house;
  gateway = createGateway(tools);
  given = await givenPartner(tools, { classes: ['contact', 'account', 'billing', 'financial'] });
  await givenRecords(tools, [service(), customer('ada'), payment('p-1', 'ada'), invoice('i-1', 'ada')]); // prettier-ignore
  await givenRelationship(tools, given.partner, 'ada');
  await accrueFees(tools, {});
  real = await givenToken(gateway, given);
  sandbox = await aSandboxToken(given);
});
afterAll(() => house.close());

async function aSandboxToken({ partner }: GivenPartner, scope?: string): Promise<string> {
  const made = await addClient(house.tools, {
    partnerId: partner.id,
    name: 'try',
    isSandbox: true,
  });
  const its = { partner, clientId: made.client.clientId, secret: made.secret };
  return givenToken(gateway, its, scope === undefined ? {} : { scope });
}
const get = (path: string, token = sandbox) =>
  request(gateway).get(path).auth(token, { type: 'bearer' });
interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly next: string | null;
}
const pageOf = async (path: string) => (await get(path)).body as Page;

const ajv = addFormatsModule.default(new Ajv2020({ strict: false }));

test('each list has made-up records in the form of the real ones, and says that they are', async () => {
  const document = (await get('/v1/schema')).body as { properties: Record<string, object> };
  for (const [list, type] of [
    ['customers', 'customer'],
    ['invoices', 'invoice'],
    ['payments', 'payment'],
    ['refunds', 'refund'],
  ] as const) {
    // prettier-ignore
    const answer = await get(`/v1/${list}?limit=1000`);
    expect([list, answer.status, answer.headers['sluice-sandbox']]).toEqual([list, 200, 'true']);
    expect(answer.headers['sluice-view']).toBe('1');
    expect(answer.headers['disclosure-id']).toBeUndefined();
    const { data } = answer.body as Page;
    expect(data).toHaveLength(type === 'customer' ? 25 : 50);
    const shown = await get(`/v1/${list}?limit=1`, real);
    expect(shown.headers['sluice-sandbox']).toBeUndefined();
    const [schema] = Object.entries(document.properties).filter(([name]) => name === type);
    if (schema) expect([list, data.filter((one) => !ajv.validate(schema[1], one))]).toEqual([list, []]); // prettier-ignore
    const [first] = (shown.body as Page).data;
    if (first) expect(Object.keys(data[0] ?? {})).toEqual(expect.arrayContaining(Object.keys(first))); // prettier-ignore
  }
});

test('records belong together: an invoice’s customer is one, and both filters and pages find them', async () => {
  const customers = new Set((await pageOf('/v1/customers')).data.map(({ id }) => id));
  const { data } = await pageOf('/v1/invoices');
  expect(data.every((one) => customers.has(one['customer']))).toBe(true);
  const [one] = data;
  const its = await pageOf(`/v1/invoices?customer=${String(one?.['customer'])}`);
  expect(its.data).toHaveLength(2);
  expect((await get(`/v1/invoices/${String(one?.['id'])}`)).body).toEqual(one);
  expect((await get(`/v1/customers?fields=contact.name`)).body.data[0]).toEqual({ id: expect.any(String), contact: { name: 'Sandbox name 0' } }); // prettier-ignore
  const walked: unknown[] = [];
  let page = await pageOf('/v1/invoices?limit=7');
  for (walked.push(...page.data); page.next !== null; walked.push(...page.data))
    page = await pageOf(`/v1/invoices?limit=7&cursor=${page.next}`);
  expect(walked).toEqual(data);
  const [from, to] = ['2026-01-05', '2026-01-10'];
  const dated = (await pageOf(`/v1/invoices?from=${from}&to=${to}`)).data;
  expect(dated.map(({ issuedOn }) => issuedOn)).toEqual(['05', '06', '07', '08', '09'].map((day) => `2026-01-${day}`)); // prettier-ignore
});

test('a stream has all of them, a receipt that says sandbox, and its end', async () => {
  const answer = await get('/v1/invoices').set('Accept', 'application/x-ndjson');
  const lines = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toHaveLength(52);
  expect(lines.slice(-2)).toEqual([{ sandbox: true, lines: 50 }, { end: true }]);
});

test('what a real client is refused, one of the sandbox is too, and nothing more is known to it', async () => {
  expect((await get('/v1/invoices/inv_AAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404);
  expect((await get('/v1/invoices?cursor=AAAA')).body.code).toBe('cursor-invalid');
  expect((await get('/v1/invoices?from=never')).status).toBe(400);
  expect((await get('/v1/customers?fields=email.address')).body.code).toBe('param-invalid');
  expect((await get('/v1/records/order')).status).toBe(404);
  const narrow = await aSandboxToken(given, 'contact');
  for (const token of [narrow, await givenToken(gateway, given, { scope: 'contact' })]) {
    const refused = await get('/v1/invoices', token);
    expect([refused.status, refused.body.code]).toEqual([403, 'scope-insufficient']);
    expect((await get('/v1/fees/accruals', token)).status).toBe(403);
  }
});

test('no route gives a client of the sandbox anything that is real, and nothing is disclosed to it', async () => {
  const count = async () => Number((await house.admin('disclosure_entries').count())[0]?.['count']);
  const { id: recordId } = ((await get('/v1/customers', real)).body as Page).data[0] ?? {};
  const own = await get('/v1/disclosures', real);
  const [entry] = (own.body as { data: { id: string }[] }).data;
  const before = await count();
  const heads = await house.admin('log_heads').select<{ log_id: string }[]>('log_id');
  const { tables } = partnerApi(house.tools);
  const collections = [{ reference: 'c', invoice: 'inv_x', status: 'failed', at: '2026-01-01T00:00:00Z' }]; // prettier-ignore
  let asked = 0;
  for (const { base, lines } of tables) {
    for (const line of lines.filter((one) => !one.public)) {
      const path = `${base}${line.path}`
        .replace('/disclosures/:id', `/disclosures/${entry?.id ?? ''}`)
        .replace(/\/claims$/, '/claims?period=2026-03&currency=EUR')
        .replace(':id', String(recordId))
        .replace(/:(version|number)/, '1')
        .replace(':type', 'customer')
        .replace(':log', heads[0]?.log_id ?? '')
        .replace(':level', '0')
        .replace('*place', '000.p/1');
      const sent = line.method === 'get' ? get(path) : request(gateway)[line.method](path).auth(sandbox, { type: 'bearer' }).send(path.endsWith('/collections') ? { collections } : { by: 'Bo', ...(path.endsWith('retirement') && { reason: 'x' }) }); // prettier-ignore
      const answer = await sent;
      asked += 1;
      const whole = JSON.stringify([answer.headers, answer.body, answer.text]);
      for (const canary of ['Person ada', 'A-ada', 'N-i-1', String(recordId), entry?.id ?? '–'])
        expect([path, whole.includes(canary) && !whole.includes('application/problem')]).toEqual([path, false]); // prettier-ignore
      if (line.method !== 'get') expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'sandbox-client']); // prettier-ignore
    }
  }
  expect(asked).toBeGreaterThan(15);
  expect(await count()).toBe(before);
  expect((await get('/v1/disclosures')).body).toEqual({ data: [], next: null });
  expect((await get('/v1/me')).body).toMatchObject({ token: { sandbox: true } });
  expect((await get('/v1/fees/statements')).body.data).not.toEqual([]);
  expect((await get('/v1/disclosures', real)).text).toBe(own.text);
});

test('of every record type that is known a record can be made up, and its schema takes it', () => {
  for (const type of readCatalogue([]).types.values()) {
    const valid = ajv.compile(type.schema);
    for (let n = 0; n < 30; n += 1) {
      const made = madeUp(type.schema, { n, name: type.name, prefixOf: () => 'rec' });
      expect([type.name, valid(made), valid.errors]).toEqual([type.name, true, null]);
    }
  }
  // A text of an unusual pattern is not made up: the member is left out.
  const odd = { type: 'object', properties: { odd: { type: 'string', pattern: '^zzzz$' } } };
  expect(JSON.stringify(madeUp(odd, { n: 0, name: 'x', prefixOf: () => 'rec' }))).toBe('{}');
});
