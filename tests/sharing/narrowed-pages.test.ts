import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { catalogueOf } from '../../src/catalogue/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { classesOf, compiledFor, narrowedFor } from '../../src/sharing/compiled-views.ts';
import { underDecision } from '../../src/sharing/decide-for.ts';
import { forgetGrant } from '../../src/sharing/read-grant.ts';
import { verifyToken, type Caller } from '../../src/tokens/index.ts';
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

let house: House;
let gateway: Express;
let token: string;
let bright: GivenPartner;

interface Page {
  readonly data: Record<string, unknown>[];
  readonly next: string | null;
}

const settled = [
  '2026-03-02T10:00:00Z',
  '2026-03-02T11:00:00.5+01:00',
  '2026-03-02T10:00:00.500000001Z',
  '2026-03-02T08:59:59.999999999-01:00',
  '2026-03-03T00:30:00+14:00',
  '2026-04-01T00:00:00Z',
];

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools, {
    view: {
      customer: true,
      invoice: { properties: { customer: true, number: true, issuedOn: true, total: true } },
      payment: true,
    },
  });
  await givenRecords(house.tools, [
    service(),
    ...['ada', 'ben', 'out'].flatMap((id) => [
      customer(id),
      invoice(`i1-${id}`, id, { issuedOn: '2026-03-01' }),
      invoice(`i2-${id}`, id, { issuedOn: '2026-03-02' }),
      invoice(`i3-${id}`, id, { issuedOn: '2026-04-01', lines: [] }),
    ]),
    customer('stranger'),
    payment('p-ben', 'ben'),
    payment('p-out', 'out'),
    ...settled.map((settledAt, i) => payment(`p${String(i)}`, 'ada', { settledAt })),
  ]);
  for (const id of ['ada', 'ben', 'out']) await givenRelationship(house.tools, bright.partner, id);
  await changeRelationship(house.tools, {
    partner: bright.partner,
    customerId: customerIdOf('out'),
    serviceId: serviceIdOf('store'),
    event: 'opted-out',
    at: new Date('2026-06-01T00:00:00Z'),
    evidence: 'asked',
    actor: 'test',
  });
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

const get = (path: string, who = token) => request(gateway).get(path).auth(who, { type: 'bearer' });

const page = async (path: string): Promise<Page> => {
  const answer = await get(path);
  expect([path, answer.status, answer.text.slice(0, 200)]).toEqual([path, 200, expect.any(String)]);
  return answer.body as Page;
};

/** A problem without what is drawn anew, and with the parameter's name taken out. */
const problem = async (path: string, name = '', who = token) => {
  const { status, text } = await get(path, who);
  const said = text.replaceAll(/req_[A-Za-z0-9_-]+/g, 'req_');
  return {
    status,
    text:
      name === '' ? said : said.replaceAll(`"${name}`, '"NAME').replaceAll(`${name}\\"`, 'NAME\\"'),
  };
};

const idOf = async (name: string) => {
  const { data } = await page('/v1/customers');
  const found = data.find(({ contact }) => (contact as { name: string }).name === `Person ${name}`);
  return String(found?.['id']);
};

test('fields narrow a page, a single record and the entry to what was asked, with the id', async () => {
  const { data } = await page('/v1/customers?fields=contact.name,billing');
  expect(data).toContainEqual({
    id: expect.any(String),
    contact: { name: 'Person ada' },
    billing: { name: 'Billing ada', address: { city: 'Shelbyville' } },
  });
  const single = await get(
    `/v1/customers/${String(data[0]?.['id'])}?fields=account.plan,account.plan`,
  );
  expect(single.body).toEqual({ id: data[0]?.['id'], account: { plan: 'pro' } });
  const logged = await get(`/v1/disclosures/${String(single.headers['disclosure-id'])}`);
  const { entry } = logged.body as { entry: string };
  expect(JSON.parse(entry)).toMatchObject({ fields: ['id', 'account.plan'], classes: ['account'] });
});

test('promise P09: a field that is hidden, one that nobody has and keys alone are refused in the same bytes', async () => {
  const hidden = ['lines', 'lines.*.amount', 'billTo.name', 'dueOn', 'service'];
  const unknown = ['nonsense', 'number.x', 'lines.*', 'contact', 'total.amount.x'];
  const keys = ['customer', 'id', 'id,customer'];
  const answers = await Promise.all(
    [...hidden, ...unknown, ...keys, 'number,nonsense', 'number,lines'].map((names) =>
      problem(`/v1/invoices?fields=${names}`),
    ),
  );
  expect(answers[0]?.status).toBe(400);
  expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({
    code: 'param-invalid',
    field: 'fields',
  });
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

test('what was compiled serves whoever decides alike, and is not lost with a refusal', async () => {
  const { tools } = house;
  const { caller } = (await verifyToken(tools, token)) as { caller: Caller };
  const type = catalogueOf(tools.settings).types.get('invoice')!;
  const asked = { caller, asked: classesOf(type) };
  const compiled = () =>
    underDecision(tools, asked, (decision) =>
      Promise.resolve({
        whole: compiledFor(type, decision),
        narrowed: narrowedFor(type, decision, ['number']),
        partner: decision.grant.partner,
      }),
    );
  const before = await compiled();
  expect((await get('/v1/invoices/inv_AAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404);
  forgetGrant(tools, bright.partner.id);
  const after = await compiled();
  expect(after.partner).not.toBe(before.partner);
  expect(after.whole).toBe(before.whole);
  expect(after.narrowed).toBe(before.narrowed);
});

test('promise P09: filtering by a date or customer that is hidden, or that the type lacks, is refused like a field', async () => {
  const blind = await givenPartner(house.tools, {
    key: 'blind',
    view: { customer: true, invoice: { properties: { number: true } }, payment: true },
  });
  const blindToken = await givenToken(gateway, blind);
  const scoped = await givenToken(gateway, bright, { scope: 'contact account' });
  const answers = [
    await problem('/v1/invoices?fields=lines', 'fields'),
    await problem('/v1/invoices?from=2026-03-01', 'from', blindToken),
    await problem('/v1/invoices?to=2026-03-01T00:00:00Z', 'to', blindToken),
    await problem('/v1/invoices?customer=cus_x', 'customer', blindToken),
    await problem('/v1/customers?from=2026-03-01', 'from'),
    await problem('/v1/customers?to=2026-03-01', 'to', scoped),
  ];
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers[0]?.status).toBe(400);
});

test('a list of one customer has its records alone, page by page, and the customer itself', async () => {
  const ada = await idOf('ada');
  const { data } = await page(`/v1/invoices?customer=${ada}`);
  expect(data.map(({ number }) => number).sort()).toEqual(['N-i1-ada', 'N-i2-ada', 'N-i3-ada']);
  const first = await page(`/v1/invoices?customer=${ada}&limit=2`);
  const rest = await page(`/v1/invoices?customer=${ada}&limit=2&cursor=${String(first.next)}`);
  expect([...first.data, ...rest.data]).toEqual(data);
  expect(rest.next).toBeNull();
  expect((await page(`/v1/customers?customer=${ada}`)).data).toMatchObject([{ id: ada }]);
});

test('promise P09: a customer that is unknown, a stranger, of another partner or opted out has an empty page, and each is logged', async () => {
  const other = await givenPartner(house.tools, { key: 'other' });
  await givenRelationship(house.tools, other.partner, 'stranger');
  const key = house.tools.settings.keys.pairwise;
  const mine = pairwiseOf(key, bright.partner.id);
  const theirs = pairwiseOf(key, other.partner.id);
  const ids = [
    mine.idOf('customer', customerIdOf('nobody')),
    mine.idOf('customer', customerIdOf('stranger')),
    mine.idOf('customer', customerIdOf('out')),
    theirs.idOf('customer', customerIdOf('ada')),
    mine.idOf('customer', customerIdOf('ada')).slice(0, -1),
    mine.idOf('invoice', customerIdOf('ada')),
    'x',
  ];
  for (const id of ids) {
    const answer = await get(`/v1/invoices?customer=${id}`);
    expect([id, answer.status, answer.text]).toEqual([id, 200, '{"data":[],"next":null}']);
    expect(answer.headers['disclosure-id']).toMatch(/^dis_/);
  }
});

test('days are compared as days, from the first to before the last', async () => {
  const ada = await idOf('ada');
  const numbers = async (query: string) =>
    (await page(`/v1/invoices?customer=${ada}&${query}`)).data
      .map(({ number }) => String(number).slice(2, 4))
      .sort();
  expect(await numbers('from=2026-03-02')).toEqual(['i2', 'i3']);
  expect(await numbers('to=2026-03-02')).toEqual(['i1']);
  expect(await numbers('from=2026-03-01&to=2026-04-01')).toEqual(['i1', 'i2']);
  expect(await numbers('from=2026-04-01&to=2026-03-01')).toEqual([]);
  expect((await page('/v1/invoices?from=2026-04-01&fields=number')).data).toHaveLength(2);
});

/** Nanoseconds since 1970, computed without the database. */
function nanosecondsOf(instant: string): bigint {
  const [, fraction = ''] = /[.]([0-9]+)/.exec(instant) ?? [];
  const seconds = BigInt(Date.parse(instant.replace(/[.][0-9]+/, ''))) * 1_000_000n;
  return seconds + BigInt(fraction.padEnd(9, '0'));
}

test('instants are compared exactly, however they are written', async () => {
  const ada = await idOf('ada');
  const { data } = await page(`/v1/payments?customer=${ada}`);
  const all = data.map(({ settledAt }) => String(settledAt));
  expect(all.sort()).toEqual([...settled].sort());
  const bound = fc.constantFrom(undefined, ...settled, '2026-03-02T09:59:59.9999999Z');
  await fc.assert(
    fc.asyncProperty(bound, bound, async (from, to) => {
      const query = new URLSearchParams({
        customer: ada,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      });
      const shown = (await page(`/v1/payments?${query.toString()}`)).data;
      const expected = all.filter(
        (at) =>
          (from === undefined || nanosecondsOf(from) <= nanosecondsOf(at)) &&
          (to === undefined || nanosecondsOf(at) < nanosecondsOf(to)),
      );
      expect(shown.map(({ settledAt }) => String(settledAt)).sort()).toEqual(expected.sort());
    }),
    { numRuns: 40 },
  );
});

test('a date where an instant is needed, and what is no date or list of names, is refused by name', async () => {
  for (const query of [
    'from=2026-03-01',
    'to=yesterday',
    'from=2026-02-30T00:00:00Z',
    'from=',
    'fields=',
    'fields=a,,b',
    'fields=lines.',
    `fields=${'a'.repeat(1001)}`,
    'customer=',
    'customer=a.b',
  ]) {
    const { status, text } = await problem(`/v1/payments?${query}`);
    const field = query.slice(0, query.indexOf('='));
    expect([query, status, JSON.parse(text)]).toEqual([
      query,
      400,
      expect.objectContaining({ code: 'param-invalid', field }),
    ]);
  }
  expect((await problem('/v1/invoices?from=2026-03-01T00:00:00Z')).status).toBe(400);
});

test('a cursor opens for the list, filters and fields that it was given for, and no other; its length tells nothing', async () => {
  const ada = await idOf('ada');
  const narrowings = [
    '',
    `customer=${ada}`,
    'from=2026-03-01',
    'to=2026-05-01',
    'fields=number',
    'fields=total,number',
    `customer=${ada}&from=2026-03-01`,
  ];
  const cursors = await Promise.all(
    narrowings.map(
      async (query) => (await page(`/v1/invoices?limit=1&${query}`.replace(/&$/, ''))).next,
    ),
  );
  expect(new Set(cursors.map((cursor) => cursor?.length)).size).toBe(1);
  for (const [i, cursor] of cursors.entries()) {
    for (const [j, query] of narrowings.entries()) {
      const path = `/v1/invoices?limit=1&cursor=${String(cursor)}&${query}`.replace(/&$/, '');
      expect([i, j, (await get(path)).status]).toEqual([i, j, i === j ? 200 : 400]);
    }
    expect((await get(`/v1/payments?cursor=${String(cursor)}`)).status).toBe(400);
  }
  const narrow = await givenToken(gateway, bright, { purpose: 'billing' });
  const { status, text } = await problem(`/v1/invoices?cursor=${String(cursors[0])}`, '', narrow);
  expect([status, JSON.parse(text)]).toEqual([
    400,
    expect.objectContaining({ code: 'cursor-invalid' }),
  ]);
});

test('however fields are chosen, the page is the whole one cut to them', async () => {
  const whole = (await page('/v1/invoices')).data;
  const names = ['number', 'issuedOn', 'total', 'total.amount', 'total.currency', 'customer', 'id'];
  await fc.assert(
    fc.asyncProperty(fc.subarray(names, { minLength: 1 }), async (asked) => {
      if (asked.every((name) => ['customer', 'id'].includes(name))) return;
      const shown = (await page(`/v1/invoices?fields=${asked.join()}`)).data;
      const cut = whole.map(({ id, total, ...more }) => {
        const money = Object.entries(total as Record<string, unknown>).filter(
          ([name]) => asked.includes('total') || asked.includes(`total.${name}`),
        );
        const kept = Object.entries(more).filter(([name]) => asked.includes(name));
        return {
          id,
          ...Object.fromEntries(kept),
          ...(money.length > 0 && { total: Object.fromEntries(money) }),
        };
      });
      expect(shown).toEqual(cut);
    }),
    { numRuns: 80 },
  );
});
