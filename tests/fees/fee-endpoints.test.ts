import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { accrueFees, explainFee } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import {
  customer,
  fee,
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
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  const other = await givenPartner(house.tools, { key: 'other' });
  await givenRecords(house.tools, [service(), customer('ada'), customer('ben'), customer('eve')]);
  for (const who of ['ada', 'ben']) await givenRelationship(house.tools, bright.partner, who);
  await givenRelationship(house.tools, other.partner, 'eve');
  await givenRecords(house.tools, [
    payment('a1', 'ada'),
    payment('a2', 'ada', { settledAt: '2026-04-02T10:00:00Z', amount: money(999, 'USD') }),
    refund('r1', 'ada', 'a1'),
    payment('b1', 'ben', { amount: money(5000) }),
    refund('r2', 'ben', 'b1', { amount: money(5000) }),
    payment('e1', 'eve', { amount: money(77700) }),
  ]);
  await accrueFees(house.tools, {});
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

const get = (path: string, as = token) => request(gateway).get(path).auth(as, { type: 'bearer' });

interface Line {
  readonly id: string;
  readonly reason: string;
  readonly amount: { amount: number; currency: string };
  readonly customer?: string;
  readonly payment?: string;
}
const linesOf = async (path: string, as = token): Promise<Line[]> => {
  const answer = await get(path, as);
  expect([path, answer.status, answer.text.slice(0, 300)]).toEqual([path, 200, expect.anything()]);
  const body = answer.body as { data?: Line[]; lines?: Line[] };
  return body.data ?? body.lines ?? [];
};
const amounts = (lines: readonly Line[]) =>
  lines.map(({ amount }) => amount.amount).sort((a, b) => a - b);

test('a partner reads its own fee lines, with the ids it knows from its payments', async () => {
  const lines = await linesOf('/v1/fees/accruals');
  expect(amounts(lines)).toEqual([-1000, -60, 200, 240, 1000]);
  const payments = (await get('/v1/payments')).body as { data: { id: string; customer: string }[] };
  const known = new Map(payments.data.map((one) => [one.id, one.customer]));
  for (const line of lines) expect(known.get(line.payment ?? '')).toBe(line.customer);
  const earned = lines.find(({ amount }) => amount.amount === 240);
  expect(earned).toEqual({
    id: expect.stringMatching(/^[a-z]{3}_/),
    reason: 'earned',
    amount: { amount: 240, currency: 'EUR' },
    month: '2026-03',
    availableOn: '2026-03-02',
    customer: expect.stringMatching(/^cus_/),
    service: expect.stringMatching(/^svc_/),
    payment: expect.stringMatching(/^pay_/),
    base: { amount: 1200, currency: 'EUR' },
    ratePercent: '20',
    rounding: 'half-even',
    agreementVersion: 1,
    formula: 'fee = round((payment − tax) × rate ÷ 100)',
    explanation: expect.stringContaining('20 % of it is 2.4 EUR, rounded half-even to 2.40 EUR'),
  });
  expect(amounts(await linesOf('/v1/fees/accruals?month=2026-04'))).toEqual([200]);
  const quoted = { lineId: earned?.id ?? '', partnerId: bright.partner.id };
  expect((await explainFee(house.tools, quoted)).feeMinor).toBe(240n);
});

test('every page of lines and every statement stands in the log, with its subjects', async () => {
  for (const [path, recordType, size] of [
    ['/v1/fees/accruals', 'fee-accrual', 5],
    ['/v1/fees/statements', 'fee-statement', 0],
    ['/v1/fees/statements/2026-03.EUR', 'fee-statement', 4],
    ['/v1/fees/accruals?month=2020-01', 'fee-accrual', 0],
  ] as const) {
    const page = await get(path);
    const logged = await get(`/v1/disclosures/${String(page.headers['disclosure-id'])}`);
    const { entry } = logged.body as { entry: string };
    const salt = Buffer.from(String(page.headers['disclosure-salt']), 'base64url');
    expect([path, JSON.parse(entry)]).toMatchObject([
      path,
      {
        recordType,
        channel: 'pull',
        classes: ['financial'],
        subjects: { size },
        payload: createHash('sha256').update(salt).update(page.text).digest('base64url'),
      },
    ]);
  }
});

test('statements list the totals of each month and currency, the latest first', async () => {
  const { body } = await get('/v1/fees/statements');
  expect(body).toEqual({
    data: [
      expect.objectContaining({ id: '2026-04.USD', closing: { amount: 200, currency: 'USD' } }),
      {
        id: '2026-03.EUR',
        month: '2026-03',
        currency: 'EUR',
        status: 'draft',
        opening: { amount: 0, currency: 'EUR' },
        accrued: { amount: 1240, currency: 'EUR' },
        reversed: { amount: -1060, currency: 'EUR' },
        closing: { amount: 180, currency: 'EUR' },
        lineCount: 4,
        agreementVersions: [1],
      },
    ],
    next: null,
  });
  const one = await get('/v1/fees/statements/2026-03.EUR');
  const { lines, next, ...totals } = one.body as Record<string, unknown>;
  expect(totals).toEqual((body as { data: unknown[] }).data[1]);
  expect(amounts(lines as Line[])).toEqual([-1000, -60, 240, 1000]);
  expect(next).toBeNull();
});

test('pages walk through lines and statements once each; a cursor opens no other list', async () => {
  for (const path of [
    '/v1/fees/accruals',
    '/v1/fees/statements',
    '/v1/fees/statements/2026-03.EUR',
  ]) {
    const whole = await linesOf(path);
    const walked: Line[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await get(`${path}?limit=1${query}`);
      const page = body as { data?: Line[]; lines?: Line[]; next: string | null };
      walked.push(...(page.data ?? page.lines ?? []));
      cursor = page.next;
    }
    expect(walked).toEqual(whole);
  }
  const { next } = (await get('/v1/fees/accruals?limit=1')).body as { next: string };
  const third = await givenToken(gateway, await givenPartner(house.tools, { key: 'third' }));
  for (const [path, as] of [
    [`/v1/fees/accruals?month=2026-03&cursor=${next}`, token],
    [`/v1/fees/statements?cursor=${next}`, token],
    [`/v1/fees/accruals?cursor=${next}`, third],
    [`/v1/fees/accruals?cursor=${next.slice(0, -2)}AA`, token],
  ] as const) {
    const answer = await get(path, as);
    expect([path, answer.status, answer.body]).toMatchObject([
      path,
      400,
      { code: 'cursor-invalid' },
    ]);
  }
});

test('nothing of another partner is reached: its statement is as unknown as one that is not', async () => {
  const other = await givenToken(gateway, await givenPartner(house.tools, { key: 'fourth' }));
  expect(await linesOf('/v1/fees/accruals', other)).toEqual([]);
  const blind = (text: string) => text.replace(/"requestId":"[^"]*"/, '');
  const foreign = await get('/v1/fees/statements/2026-03.EUR', other);
  const missing = await get('/v1/fees/statements/2031-01.XAF', other);
  const nonsense = await get('/v1/fees/statements/0000-01.EUR', other);
  expect(foreign.status).toBe(404);
  expect(foreign.body).toMatchObject({ code: 'unknown-statement' });
  expect(blind(missing.text)).toBe(blind(foreign.text));
  expect(blind(nonsense.text)).toBe(blind(foreign.text));
});

test('without the scope fees, or for another purpose, no fee is read; bad months are refused', async () => {
  const scopeless = await givenToken(gateway, bright, { scope: 'financial billing' });
  expect((await get('/v1/fees/accruals', scopeless)).status).toBe(403);
  const billing = await givenToken(gateway, bright, { scope: 'fees', purpose: 'billing' });
  expect((await get('/v1/fees/accruals', billing)).status).toBe(403);
  const feesAlone = await givenToken(gateway, bright, { scope: 'fees', purpose: 'fees' });
  expect(await linesOf('/v1/fees/accruals', feesAlone)).toHaveLength(5);
  for (const month of ['2026-13', '2026', 'infinity', '0000-01']) {
    const answer = await get(`/v1/fees/accruals?month=${month}`);
    expect([month, answer.status]).toEqual([month, 400]);
  }
});

test('promise P11: after an opt-out its lines show id, amount and reason, and no more', async () => {
  const before = await linesOf('/v1/fees/accruals');
  const ben = before.find(({ amount }) => amount.amount === 1000);
  const change = {
    partner: bright.partner,
    customerId: customerIdOf('ben'),
    serviceId: serviceIdOf('store'),
    evidence: 'mail',
    actor: 'test',
  };
  const now = house.tools.clock.now();
  await changeRelationship(house.tools, { ...change, event: 'opted-out', at: now });
  await accrueFees(house.tools, {});
  const after = await get('/v1/fees/accruals');
  const { data } = after.body as { data: Line[] };
  const bens = data.filter(({ amount }) => Math.abs(amount.amount) === 1000);
  expect(bens).toHaveLength(2);
  expect(bens).toEqual(
    expect.arrayContaining([
      { id: ben?.id, reason: 'earned', amount: { amount: 1000, currency: 'EUR' } },
      {
        id: expect.any(String),
        reason: 'reversed',
        amount: { amount: -1000, currency: 'EUR' },
      },
    ]),
  );
  expect(after.text).not.toContain(ben?.customer);
  expect(after.text).not.toContain(ben?.payment);
  const logged = await get(`/v1/disclosures/${String(after.headers['disclosure-id'])}`);
  const { entry } = logged.body as { entry: string };
  expect(JSON.parse(entry)).toMatchObject({ subjects: { size: 3 } });
  const statement = await linesOf('/v1/fees/statements/2026-03.EUR');
  expect(statement.filter(({ customer: who }) => who === undefined)).toEqual(
    expect.arrayContaining(bens),
  );
});

test('promise P11: a refund made while opted out is tied to no payment after opting in again', async () => {
  const change = {
    partner: bright.partner,
    customerId: customerIdOf('ada'),
    serviceId: serviceIdOf('store'),
    evidence: 'mail',
    actor: 'test',
  };
  for (const [event, day] of [
    ['opted-out', '2026-05-01'],
    ['opted-in', '2026-06-01'],
  ] as const) {
    await changeRelationship(house.tools, { ...change, event, at: new Date(day) });
  }
  await givenRecords(house.tools, [
    refund('r3', 'ada', 'a2', { refundedAt: '2026-05-10T00:00:00Z', amount: money(999, 'USD') }),
  ]);
  await accrueFees(house.tools, {});
  const lines = await linesOf('/v1/fees/accruals');
  const earned = lines.find(({ amount }) => amount.amount === 200);
  expect(earned?.customer).toMatch(/^cus_/);
  expect(lines.find(({ amount }) => amount.amount === -200)).toEqual({
    id: expect.any(String),
    reason: 'reversed',
    amount: { amount: -200, currency: 'USD' },
  });
});

test('promise P11: a visible refund tells nothing of one made while opted out', async () => {
  await givenRecords(house.tools, [
    refund('hidden', 'ada', 'a1', { refundedAt: '2026-05-11T00:00:00Z', amount: money(137) }),
    refund('later', 'ada', 'a1', { refundedAt: '2026-06-11T00:00:00Z', amount: money(120) }),
  ]);
  await accrueFees(house.tools, {});
  const text = JSON.stringify(await linesOf('/v1/fees/accruals'));
  expect(text).not.toMatch(/1\.37|5\.57|557/);
});

test('promise P09: fee lines tell of a payment what the view tells, or nothing', async () => {
  const blind = await givenPartner(house.tools, {
    key: 'blind',
    view: { customer: { properties: { contact: { properties: { name: true } } } } },
  });
  await givenRecords(house.tools, [
    customer('zoe'),
    payment('z1', 'zoe', { amount: money(12345) }),
  ]);
  await givenRelationship(house.tools, blind.partner, 'zoe');
  await accrueFees(house.tools, { partnerId: blind.partner.id });
  const theirs = await givenToken(gateway, blind);
  expect(await linesOf('/v1/fees/accruals', theirs)).toEqual([
    { id: expect.any(String), reason: 'earned', amount: { amount: 2469, currency: 'EUR' } },
  ]);
});

test.each([
  ['payment', ['service', 'settledAt', 'amount', 'tax'], 0],
  ['payment', ['customer', 'settledAt', 'amount', 'tax'], 0],
  ['payment', ['customer', 'service', 'settledAt', 'amount', 'tax'], 2],
  ['refund', ['refundedAt', 'kind', 'amount', 'tax'], 1],
  ['refund', ['payment', 'refundedAt', 'amount', 'tax'], 1],
  ['refund', ['payment', 'refundedAt', 'kind', 'amount', 'tax'], 2],
])(
  'promise P09: fee lines tell nothing that a view of the %s with %j hides',
  async (type, listed, shownInFull) => {
    const key = `${type}-${listed.join('-')}`.toLowerCase();
    const partner = await givenPartner(house.tools, {
      key,
      view: {
        customer: { properties: { contact: { properties: { name: true } } } },
        payment: true,
        refund: true,
        [type]: { properties: Object.fromEntries(listed.map((name) => [name, true])) },
      },
    });
    await givenRecords(house.tools, [
      customer(key),
      payment(`p-${key}`, key),
      refund(`r-${key}`, key, `p-${key}`, { kind: 'dispute' }),
    ]);
    await givenRelationship(house.tools, partner.partner, key);
    await accrueFees(house.tools, { partnerId: partner.partner.id });
    const lines = await linesOf('/v1/fees/accruals', await givenToken(gateway, partner));
    expect(amounts(lines)).toEqual([-60, 240]);
    const known = lines.filter(({ customer: who }) => who !== undefined);
    expect(known).toHaveLength(shownInFull);
    for (const line of lines) {
      if (!known.includes(line)) expect(Object.keys(line)).toEqual(['id', 'reason', 'amount']);
    }
  },
);

test('promise P09: a month of fee lines is that of their statement, so it tells of no hidden day', async () => {
  const waiting = await givenPartner(house.tools, {
    key: 'waiting',
    view: { customer: { properties: { contact: { properties: { name: true } } } } },
    terms: { fee: { ...fee, holdDays: 20 } },
  });
  const days = ['2026-02-27', '2026-03-02'];
  for (const day of days) {
    await givenRecords(house.tools, [
      customer(day),
      payment(day, day, { settledAt: `${day}T10:00:00Z` }),
    ]);
    await givenRelationship(house.tools, waiting.partner, day);
  }
  await accrueFees(house.tools, { partnerId: waiting.partner.id });
  const theirs = await givenToken(gateway, waiting);
  const statement = await linesOf('/v1/fees/statements/2026-03.EUR', theirs);
  expect(amounts(statement)).toEqual([240, 240]);
  expect(await linesOf('/v1/fees/accruals?month=2026-03', theirs)).toEqual(statement);
  expect(await linesOf('/v1/fees/accruals?month=2026-02', theirs)).toEqual([]);
});
