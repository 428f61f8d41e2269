import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { setChoice } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { customerIdOf, recordIdOf } from '../../src/records/index.ts';
import { closeStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
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

/** A claim file with every kind of difference, made from a seed: each kind is found and named. */

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;

const customers = 100;
const each = 30;

// Numerical Recipes’ generator: the same file each time.
let state = 20261128;
function draw(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

interface Paid {
  readonly key: string;
  readonly who: string;
  readonly amount: number;
}
const plain: Paid[] = [];
const nameOf = (n: number) => `c${String(n)}`;

/** Customers with one trait each, that the differences of a kind are about. */
const special = ['late', 'held', 'next', 'dollar', 'pound', 'old', 'archive', 'taxed', 'capped', 'out', 'young', 'refunded'] as const; // prettier-ignore
type Special = (typeof special)[number];

beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  gateway = createGateway(tools);
  const terms = { services: ['store'], fee: { ...fee, holdDays: 10, durationMonths: 12, capPerCustomer: { EUR: 50_000, USD: 50_000 } } }; // prettier-ignore
  bright = await givenPartner(tools, { terms });
  const rival = await givenPartner(tools, { key: 'rival' });
  const everyone = [
    ...Array.from({ length: customers }, (_, n) => nameOf(n)),
    ...special,
    'foreign',
  ];
  await givenRecords(tools, [service(), service('archive'), ...everyone.map((id) => customer(id))]);
  const since = new Date('2024-06-01T00:00:00Z');
  for (const who of everyone.slice(0, -1)) {
    const serviceKey = who === 'archive' ? 'archive' : 'store';
    await givenRelationship(tools, bright.partner, who, { at: since, serviceKey });
  }
  await givenRelationship(tools, rival.partner, 'foreign');
  const records: (readonly [string, Record<string, unknown>])[] = [];
  for (let n = 0; n < customers * each; n += 1) {
    const paid = { key: `p${String(n)}`, who: nameOf(n % customers), amount: 100 + 5 * draw(300) };
    plain.push(paid);
    records.push(paidOn(paid.key, paid.who, { amount: money(paid.amount), day: 1 + (n % 19) }));
  }
  const one: Record<Special | 'foreign', Record<string, unknown>> = {
    late: { day: 2 },
    held: { day: 25 },
    next: { settledAt: '2026-04-02T10:00:00Z' },
    dollar: { amount: money(1000, 'USD') },
    pound: { amount: money(1000, 'GBP') },
    old: {},
    archive: { service: 'archive' },
    taxed: { tax: money(1000), amount: money(1000) },
    capped: { amount: money(1_000_000) },
    out: {},
    young: { settledAt: '2026-05-02T10:00:00Z' },
    refunded: {},
    foreign: {},
  };
  records.push(paidOn('old-1', 'old', { settledAt: '2025-01-10T10:00:00Z' }));
  records.push(paidOn('taxed-0', 'taxed', { settledAt: '2026-02-02T10:00:00Z' }));
  for (const who of ['dollar', 'pound'] as const) records.push(paidOn(`${who}-0`, who, { settledAt: '2026-02-01T10:00:00Z' })); // prettier-ignore
  for (let n = 0; n < 12; n += 1) {
    for (const [who, more] of Object.entries(one)) {
      if (who === 'capped' && n > 0) continue;
      records.push(paidOn(`${who}-x${String(n)}`, who, more));
      if (who === 'refunded') records.push(refund(`r${String(n)}`, who, `${who}-x${String(n)}`, { amount: money(300) })); // prettier-ignore
    }
  }
  for (let from = 0; from < records.length; from += 2000) await givenRecords(tools, records.slice(from, from + 2000)); // prettier-ignore
  const by = (await givenPerson(tools, ['finance'])).id;
  for (const month of ['2025-01', '2026-02', '2026-03'])
    await closeStatements(tools, { month, by });
  await setChoice(tools, {
    ...{ customerId: customerIdOf('out'), partner: bright.partner, sharing: 'refused' },
    ...{ at: tools.clock.now(), evidence: 'asked', actor: 'test' },
  });
  token = await givenToken(gateway, bright);
}, 300_000);
afterAll(() => house.close());

function paidOn(
  key: string,
  who: string,
  { day = 5, ...more }: Record<string, unknown> & { day?: number },
) {
  // prettier-ignore
  const settledAt = `2026-03-${String(day).padStart(2, '0')}T10:00:00Z`;
  return payment(key, who, { amount: money(1000), settledAt, ...more });
}

interface Claimed {
  readonly customer: string;
  readonly payment: string;
  readonly minor: number;
  readonly is: string;
}

const pairwise = () => pairwiseOf(house.tools.settings.keys.pairwise, bright.partner.id);
const cus = (key: string) => pairwise().idOf('customer', customerIdOf(key));
const pay = (key: string) => pairwise().idOf('payment', recordIdOf('payment', key));
const feeOf = ({ amount }: Paid) => amount / 5;

/** What a line about one of the plain payments says, and how it must end. */
const kindsOfPlain: Readonly<Record<string, (paid: Paid) => Claimed[]>> = {
  matched: (paid) => [{ customer: '', payment: pay(paid.key), minor: feeOf(paid), is: 'matched' }],
  named: (paid) => [{ customer: cus(paid.who), payment: pay(paid.key), minor: feeOf(paid), is: 'matched' }], // prettier-ignore
  parts: (paid) =>
    [Math.floor(feeOf(paid) / 3), Math.ceil((feeOf(paid) * 2) / 3)].map((minor) => ({ customer: '', payment: pay(paid.key), minor, is: 'matched' })), // prettier-ignore
  wrong: (paid) => [{ customer: '', payment: pay(paid.key), minor: feeOf(paid) + 2 + draw(900), is: 'amount-differs computed-otherwise' }], // prettier-ignore
  rounding: (paid) => [{ customer: '', payment: pay(paid.key), minor: feeOf(paid) - 1, is: 'amount-differs rounding' }], // prettier-ignore
  twice: (paid) => ['matched', 'duplicate'].map((is) => ({ customer: '', payment: pay(paid.key), minor: feeOf(paid), is })), // prettier-ignore
  left: () => [],
};

/** Lines that are about nothing on the statement, or about nobody who may be seen. */
const kindsOfSpecial: Readonly<Record<string, (n: number) => Claimed>> = {
  held: (n) => ({
    customer: '',
    payment: pay(`held-x${String(n)}`),
    minor: 200,
    is: 'timing held',
  }),
  next: (n) => ({ customer: cus('next'), payment: pay(`next-x${String(n)}`), minor: 200, is: 'timing other-period' }), // prettier-ignore
  dollar: (n) => ({ customer: '', payment: pay(`dollar-x${String(n)}`), minor: 200, is: 'amount-differs other-currency' }), // prettier-ignore
  pound: (n) => ({ customer: '', payment: pay(`pound-x${String(n)}`), minor: 200, is: 'amount-differs currency-not-agreed' }), // prettier-ignore
  old: (n) => ({ customer: cus('old'), payment: pay(`old-x${String(n)}`), minor: 200, is: 'amount-differs after-duration' }), // prettier-ignore
  archive: (n) => ({
    customer: cus('archive'),
    payment: pay(`archive-x${String(n)}`),
    minor: 200,
    is: 'not-matched',
  }),
  taxed: (n) => ({ customer: cus('taxed'), payment: pay(`taxed-x${String(n)}`), minor: 200, is: 'amount-differs nothing-left' }), // prettier-ignore
  refunded: (n) => ({ customer: '', payment: pay(`refunded-x${String(n)}`), minor: 200, is: 'amount-differs refunded' }), // prettier-ignore
  out: (n) => ({ customer: '', payment: pay(`out-x${String(n)}`), minor: 200, is: 'not-matched' }),
  foreign: (n) => ({ customer: cus('foreign'), payment: pay(`foreign-x${String(n)}`), minor: 200, is: 'not-matched' }), // prettier-ignore
  unknown: (n) => ({ customer: `=R-${String(n)}`, payment: '', minor: 200 + n, is: 'not-matched' }), // prettier-ignore
};
const once: readonly (() => Claimed)[] = [
  () => ({ customer: '', payment: pay('capped-x0'), minor: 200_000, is: 'amount-differs capped' }),
  () => ({ customer: cus('young'), payment: '', minor: 200, is: 'amount-differs before-activation' }), // prettier-ignore
  () => ({ customer: cus('late'), payment: '', minor: 2400, is: 'matched' }),
];

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => [draw(1_000_000), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

interface Row {
  readonly outcome: string;
  readonly reason?: string;
  readonly claimed: { readonly lines: number[]; readonly amount: { readonly amount: number } };
  readonly ours: { readonly lines: string[]; readonly amount: { readonly amount: number } };
  readonly difference: { readonly amount: number };
}

async function reconcile(
  lines: readonly Claimed[],
): Promise<{ rows: Row[]; sums: Record<string, { amount: number }> }> {
  // prettier-ignore
  const text = ['customer;payment;amount', ...lines.map(({ customer, payment: paid, minor }) => `${customer};${paid};${(minor / 100).toFixed(2)}`)].join('\r\n'); // prettier-ignore
  const auth = { Authorization: `Bearer ${token}` };
  const taken = await request(gateway).post('/v1/fees/claims?period=2026-03&currency=EUR').set({ ...auth, 'Content-Type': 'text/csv' }).send(text); // prettier-ignore
  expect([taken.status, taken.text]).toEqual([201, expect.any(String)]);
  const { id } = taken.body as { id: string };
  const rows: Row[] = [];
  for (let cursor = ''; ;) {
    const page = await request(gateway)
      .get(`/v1/fees/claims/${id}/lines?limit=1000${cursor}`)
      .set(auth);
    const { data, next } = page.body as { data: Row[]; next: string | null };
    rows.push(...data);
    // What nobody claimed comes last, and is all that a small claim leaves.
    const isRest = lines.length < 100 && (data.at(-1)?.claimed.lines.length ?? 0) === 0;
    if (next === null || isRest) break;
    cursor = `&cursor=${next}`;
  }
  const { body } = await request(gateway).get(`/v1/fees/claims/${id}`).set(auth);
  return { rows, sums: body as Record<string, { amount: number }> };
}

function check(
  lines: readonly Claimed[],
  { rows, sums }: Awaited<ReturnType<typeof reconcile>>,
  isWhole = false,
) {
  const found = new Map(rows.flatMap(({ outcome, reason, claimed }) => claimed.lines.map((line) => [line, reason ? `${outcome} ${reason}` : outcome] as const))); // prettier-ignore
  const told = lines.map((_, place) => found.get(place + 2));
  expect(told).toEqual(lines.map(({ is }) => is));
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const theirs = lines.reduce((sum, { minor }) => sum + minor, 0);
  const [ours, difference] = [total((row) => row.ours.amount.amount), total((row) => row.difference.amount)]; // prettier-ignore
  expect([total((row) => row.claimed.amount.amount), ours + difference]).toEqual([theirs, theirs]);
  const [all, our, apart] = ['claimed', 'ours', 'difference'].map((name) => sums[name]?.amount ?? NaN); // prettier-ignore
  expect([all, Number(our) + Number(apart)]).toEqual([theirs, theirs]);
  if (isWhole) expect([our, apart]).toEqual([ours, difference]);
}

test('every kind of difference alone is found and named', async () => {
  for (const kind of Object.values(kindsOfPlain)) {
    const lines = plain.slice(0, 5).flatMap(kind);
    if (lines.length > 0) check(lines, await reconcile(lines));
  }
  for (const kind of Object.values(kindsOfSpecial)) {
    const lines = [0, 1, 2].map(kind);
    check(lines, await reconcile(lines));
  }
  for (const kind of once) check([kind()], await reconcile([kind()]));
}, 300_000);

test('all kinds mixed, in ten thousand lines, are found and named, and the totals tie out', async () => {
  const kinds = Object.keys(kindsOfPlain);
  const usual = plain.flatMap((paid) => {
    const kind = draw(3) > 0 ? 'matched' : (kinds[draw(kinds.length)] ?? 'matched');
    return kindsOfPlain[kind]?.(paid) ?? [];
  });
  const rest = Object.values(kindsOfSpecial).flatMap((kind) => Array.from({ length: 12 }, (_, n) => kind(n))); // prettier-ignore
  const strangers = Array.from({ length: Math.max(0, 10_000 - usual.length - rest.length - once.length) }, (_, n) => kindsOfSpecial['unknown']?.(1000 + n) ?? []).flat(); // prettier-ignore
  const mixed = shuffled([...usual, ...rest, ...strangers, ...once.map((kind) => kind())]);
  // Of two lines that say the same, the later one in the file is the duplicate.
  const twins = new Set(mixed.filter(({ is }) => is === 'duplicate').map((line) => line.payment));
  const seen = new Set<string>();
  const lines = mixed.map((line) => {
    if (!twins.has(line.payment)) return line;
    const is = seen.has(line.payment) ? 'duplicate' : 'matched';
    seen.add(line.payment);
    return { ...line, is };
  });
  expect(lines.length).toBeGreaterThanOrEqual(10_000);
  const made = await reconcile(lines);
  check(lines, made, true);
  const left = made.rows.filter(({ outcome }) => outcome === 'not-claimed');
  expect(left.length).toBeGreaterThan(100);
}, 300_000);
