import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/index.ts';
import {
  acceptRecord,
  checkRecord,
  type JsonObject,
  type RecordProblem,
} from '../../src/records/index.ts';
import { noon } from '../support/house.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const catalogue = readCatalogue([]);

const money = (amount: number, currency = 'USD') => ({ amount, currency });
const customer: JsonObject = {
  id: 'c1',
  contact: { kind: 'person', name: 'Helena Holý', phone: '+420 2 4172 5555' },
  additional: { fax: '' },
};
const invoice: JsonObject = {
  id: 'i1',
  customer: 'c1',
  service: 's1',
  number: '2026-17',
  issuedOn: '2026-01-31',
  total: money(198),
  lines: [{ amount: money(99) }, { service: 's1', amount: money(99), description: 'A\n\tB' }],
};
const payment: JsonObject = {
  id: 'p1',
  customer: 'c1',
  service: 's1',
  invoice: 'i1',
  settledAt: '2026-01-31T23:59:59.5+01:00',
  amount: money(198),
};

/** A copy with one field set; undefined takes it away. */
function edited(record: JsonObject, pointer: string, value: unknown): unknown {
  const copy = structuredClone(record) as Record<string, unknown>;
  const steps = pointer.split('/').slice(1);
  let place = copy;
  for (const step of steps.slice(0, -1)) place = place[step] as Record<string, unknown>;
  const last = steps.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return copy;
}

const problemsOf = (type: string, value: unknown, now = noon) =>
  checkRecord(catalogue, type, value, now);
const brief = (problems: RecordProblem[]) => problems.map(({ field, reason }) => [field, reason]);

test('sound records have no problem', () => {
  expect(problemsOf('customer', customer)).toEqual([]);
  expect(problemsOf('invoice', invoice)).toEqual([]);
  expect(problemsOf('payment', payment)).toEqual([]);
  expect(problemsOf('service', { id: 's1', code: 'S', name: 'Service' })).toEqual([]);
});

test('promise P06: every additional detail may be left out or blank', () => {
  for (const additional of [undefined, {}, { title: '', department: '', fax: '', people: [] }]) {
    const record = edited(customer, '/additional', additional);
    expect(problemsOf('customer', record)).toEqual([]);
  }
});

const problems: [string, JsonObject, string, unknown, string, string][] = [
  ['customer', customer, '/nickname', 'x', '/nickname', 'unknown-field'],
  ['customer', customer, '/contact/shoeSize', 44, '/contact/shoeSize', 'unknown-field'],
  ['customer', customer, '/contact/4111111111111111', 1, '/contact', 'unknown-field'],
  ['customer', customer, '/contact/a-4111-1111-1111-1111', 1, '/contact', 'unknown-field'],
  ['customer', customer, '/contact/name', undefined, '/contact/name', 'missing-field'],
  ['customer', customer, '/contact/name', null, '/contact/name', 'wrong-type'],
  ['customer', customer, '/contact/name', 'x'.repeat(301), '/contact/name', 'too-long'],
  ['customer', customer, '/contact/kind', 'robot', '/contact/kind', 'unknown-value'],
  ['customer', customer, '/contact/name', 'a\rb', '/contact/name', 'control-character'],
  ['customer', customer, '/contact/name', 'a\u0000b', '/contact/name', 'control-character'],
  ['customer', customer, '/contact/name', 'a\ud800b', '/contact/name', 'lone-surrogate'],
  ['customer', customer, '/id', '', '/id', 'too-short'],
  ['customer', customer, '/id', 'a\u0007', '/id', 'control-character'],
  ['customer', customer, '/account', { since: 'infinity' }, '/account/since', 'not-a-date'],
  ['customer', customer, '/financial', { card: { lastFour: '12345' } }, '/financial/card/lastFour', 'too-long'],
  ['customer', customer, '/financial', { card: { number: '4111111111111111' } }, '/financial/card/number', 'unknown-field'],
  ['invoice', invoice, '/issuedOn', 'infinity', '/issuedOn', 'not-a-date'],
  ['invoice', invoice, '/issuedOn', '2026-02-29', '/issuedOn', 'not-a-date'],
  ['invoice', invoice, '/issuedOn', '0999-12-31', '/issuedOn', 'not-a-date'],
  ['invoice', invoice, '/issuedOn', '10000-01-01', '/issuedOn', 'not-a-date'],
  ['invoice', invoice, '/issuedOn', '2026-1-1', '/issuedOn', 'not-a-date'],
  ['invoice', invoice, '/total', { amount: 198 }, '/total/currency', 'missing-field'],
  ['invoice', invoice, '/total/amount', 1.5, '/total/amount', 'wrong-type'],
  ['invoice', invoice, '/total/amount', '198', '/total/amount', 'wrong-type'],
  ['invoice', invoice, '/total/amount', -1, '/total/amount', 'out-of-range'],
  ['invoice', invoice, '/total/amount', 2 ** 53, '/total/amount', 'out-of-range'],
  ['invoice', invoice, '/total/amount', Infinity, '/total/amount', 'wrong-type'],
  ['invoice', invoice, '/total/amount', NaN, '/total/amount', 'wrong-type'],
  ['invoice', invoice, '/total/currency', 'usd', '/total/currency', 'wrong-form'],
  ['invoice', invoice, '/total/currency', 'XXX', '/total/currency', 'unknown-currency'],
  ['invoice', invoice, '/total/currency', 'DEM', '/total/currency', 'unknown-currency'],
  ['invoice', invoice, '/lines/1/amount/currency', 'EUR', '/lines/1/amount/currency', 'mixed-currencies'],
  ['invoice', invoice, '/lines/1/service', 's2', '/lines/1/service', 'mixed-services'],
  ['invoice', invoice, '/lines/0/quantity', '1e3', '/lines/0/quantity', 'wrong-form'],
  ['payment', payment, '/settledAt', '2026-01-31T12:00:00', '/settledAt', 'not-an-instant'],
  ['payment', payment, '/settledAt', '2026-01-31', '/settledAt', 'not-an-instant'],
  ['payment', payment, '/settledAt', '2026-01-31T24:00:00Z', '/settledAt', 'not-an-instant'],
  ['payment', payment, '/settledAt', '2026-12-31T23:59:60Z', '/settledAt', 'not-an-instant'],
  ['payment', payment, '/settledAt', '-infinity', '/settledAt', 'not-an-instant'],
  ['payment', payment, '/service', undefined, '/service', 'missing-field'],
]; // prettier-ignore

test.each(problems)(
  '%s %#: a wrong field is named',
  (type, record, pointer, value, field, reason) => {
    const wrong = edited(record, pointer, value);
    expect(brief(problemsOf(type, wrong))).toContainEqual([field, reason]);
  },
);

test('an invoice that mixes services names the line', () => {
  const mixed = edited(invoice, '/lines/1/service', 's2');
  expect(problemsOf('invoice', mixed)[0]?.sentence).toContain('line 2');
});

test('what is no object, and a type nobody declared, are refused', () => {
  for (const value of [null, undefined, 1, 'x', [], [customer], true]) {
    expect(brief(problemsOf('customer', value))).toEqual([['', 'wrong-type']]);
  }
  expect(brief(problemsOf('toString', customer))).toEqual([['', 'unknown-type']]);
});

test('members that an object only inherits do not count', () => {
  expect(brief(problemsOf('customer', Object.create(customer)))).toEqual([
    ['/id', 'missing-field'],
    ['/contact', 'missing-field'],
  ]);
});

/** Every text field of a customer but keys and references, and of an invoice's line. */
const textFields: [string, JsonObject, string][] = [
  ...['/contact/name', '/contact/phone', '/contact/organisation'].map(
    (field): [string, JsonObject, string] => ['customer', customer, field],
  ),
  ['customer', { ...customer, email: {} }, '/email/address'],
  [
    'customer',
    { ...customer, additional: { people: [{ id: 'x' }] } },
    '/additional/people/0/title',
  ],
  ['customer', { ...customer, account: {} }, '/account/number'],
  ['customer', { ...customer, billing: { address: {} } }, '/billing/address/street'],
  ['customer', { ...customer, billing: {} }, '/billing/taxNumber'],
  ['invoice', invoice, '/number'],
  ['invoice', invoice, '/lines/1/description'],
  ['payment', payment, '/method'],
];

test.each(textFields)(
  'promise P19: a card number in %s %#%s is refused and not repeated',
  (type, record, field) => {
    for (const number of ['4111111111111111', '5555 5555 5555 4444', '3782-822463-10005']) {
      const found = problemsOf(type, edited(record, field, `nr ${number}`));
      expect(found).toEqual([
        expect.objectContaining({ field, reason: 'card-number', promise: 'P19' }),
      ]);
      expect(JSON.stringify(found)).not.toContain(number);
    }
  },
);

test('promise P19: keys and references may look like card numbers', () => {
  const record = {
    ...payment,
    id: '4111111111111111',
    customer: '4111111111111111',
    invoice: '5555555555554444',
  };
  expect(problemsOf('payment', record)).toEqual([]);
});

test('whatever a record holds, no problem repeats it', () => {
  const secret = 'hush-4f1c';
  const value = fc.constantFrom<unknown>(
    secret,
    [secret],
    { [secret]: secret },
    null,
    5,
    `${secret}\u0000`,
  );
  const places = fc.constantFrom('/id', '/customer', '/issuedOn', '/total', '/total/amount', '/total/currency', '/lines', '/lines/0', '/lines/0/amount', '/lines/1/service', '/x'); // prettier-ignore
  fc.assert(
    fc.property(places, value, (place, wrong) => {
      const found = problemsOf('invoice', edited(invoice, place, wrong));
      const said = found.map(({ sentence, reason }) => sentence + reason).join();
      expect(said).not.toContain(secret);
      for (const { field } of found) expect(field).toMatch(/^(\/[A-Za-z0-9_-]+)*$/);
    }),
  );
});

const refund: JsonObject = {
  id: 'r1',
  customer: 'c1',
  service: 's1',
  payment: 'p1',
  refundedAt: '2026-02-01T00:00:00Z',
  kind: 'refund',
  amount: money(98),
};
const written = (at: Date, hours: number) => {
  const local = new Date(at.getTime() + hours * 3_600_000).toISOString().slice(0, -1);
  return `${local}${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}:00`;
};

test('promise P10: a payment or refund is a problem exactly while it lies ahead, in whatever zone it is written', () => {
  const within = fc.date({
    min: new Date('1990-01-01'),
    max: new Date('2100-01-01'),
    noInvalidDate: true,
  });
  const apart = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -1e11, max: 1e11 }));
  const kind = fc.constantFrom(
    ['payment', payment, '/settledAt'] as const,
    ['refund', refund, '/refundedAt'] as const,
  );
  fc.assert(
    fc.property(kind, within, apart, fc.integer({ min: -14, max: 14 }), (of, now, ahead, hours) => {
      const [type, record, field] = of;
      const at = new Date(now.getTime() + ahead);
      const found = problemsOf(type, edited(record, field, written(at, hours)), now);
      expect(brief(found)).toEqual(ahead > 0 ? [[field, 'in-the-future']] : []);
    }),
  );
});

test('a dispute alone can be won, after it was opened and once it has happened', () => {
  const dispute = { ...refund, kind: 'dispute' };
  const won = (more: JsonObject) => brief(problemsOf('refund', { ...dispute, ...more }, noon));
  expect(won({ wonAt: '2026-02-01T00:00:00Z' })).toEqual([]);
  expect(won({ wonAt: '2026-01-31T23:59:59Z' })).toEqual([['/wonAt', 'before-dispute']]);
  expect(won({ wonAt: '2031-01-01T00:00:00Z' })).toEqual([['/wonAt', 'in-the-future']]);
  expect(won({ wonAt: 'soon' })).toEqual([['/wonAt', 'not-an-instant']]);
  expect(won({ wonAt: '2026-02-01T00:00:00Z', kind: 'refund' })).toEqual([
    ['/wonAt', 'no-dispute'],
  ]);
});

test('an amount that is no whole number of minor units from 0 to 2^53 − 1 is refused', () => {
  for (const amount of [-1, 1.5, 2 ** 53, 2 ** 53 + 1, NaN, Infinity, '100', null]) {
    const found = problemsOf('refund', { ...refund, amount: { amount: amount as number, currency: 'USD' } }); // prettier-ignore
    expect([amount, found.map(({ field }) => field)]).toEqual([amount, ['/amount/amount']]);
  }
});

test('a credit names no payment', () => {
  const { payment: _, ...credit } = refund;
  expect(problemsOf('refund', credit)).toEqual([]);
  expect(acceptRecord(catalogue, 'refund', credit, noon)).toMatchObject({
    record: { settles: null, amountMinor: 98n },
  });
});

test('an invoice may be dated ahead: it opens nothing', () => {
  expect(problemsOf('invoice', { ...invoice, issuedOn: '2031-01-01' })).toEqual([]);
});

test('a hostile record has a bounded list of problems, in little time', () => {
  const lines = Array.from({ length: 20_000 }, () => ({ amount: { amount: 'x', currency: 'x' } }));
  const spent = cpuMsOf(() => {
    expect(problemsOf('invoice', { ...invoice, lines })).toHaveLength(20);
  });
  expect(spent).toBeLessThan(10_000);
});

test('an accepted record says what storing needs to know', () => {
  const read = acceptRecord(
    catalogue,
    'payment',
    {
      ...payment,
      settledAt: '2026-01-01T00:00:00.123456789Z',
    },
    noon,
  );
  expect(read).toMatchObject({
    record: {
      type: 'payment',
      key: 'p1',
      settles: { type: 'invoice' },
      currency: 'USD',
      datedAt: '2026-01-01T00:00:00.123456Z',
      datedOn: null,
    },
  });
  const dated = acceptRecord(catalogue, 'invoice', invoice, noon);
  expect(dated).toMatchObject({ record: { datedAt: null, datedOn: '2026-01-31', settles: null } });
});

test('a tax above the amount that it is part of is refused, of payments and of refunds', () => {
  const of = { id: 'p1', customer: 'c1', service: 's1', amount: { amount: 10, currency: 'EUR' } };
  const refunded = { ...of, kind: 'refund', payment: 'p0', refundedAt: '2026-01-02T00:00:00Z' };
  for (const [type, record] of [
    ['payment', { ...of, settledAt: '2026-01-02T00:00:00Z' }],
    ['refund', refunded],
  ] as const) {
    expect(problemsOf(type, { ...record, tax: { amount: 11, currency: 'EUR' } })).toMatchObject([
      { field: '/tax/amount', reason: 'tax-above-amount' },
    ]);
    expect(problemsOf(type, { ...record, tax: { amount: 10, currency: 'EUR' } })).toEqual([]);
  }
});
