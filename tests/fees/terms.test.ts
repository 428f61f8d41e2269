import { expect, test } from '@jest/globals';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { accrue, type FeeSources } from '../../src/earnings/index.ts';
import { at, payment, refund, relationship, sources, versionOf } from './given-fees.ts';

/** One test for each of the terms that fees.test and the examples leave out. */

const percent: FeeTerms = { kind: 'percent', ratePercent: '10', currencies: ['USD'] };
const flat = (per: NonNullable<FeeTerms['flat']>['per'], more: object = {}): FeeTerms => ({
  kind: 'flat',
  flat: { per, amounts: { USD: 500 }, ...more },
  currencies: ['USD'],
});
const lines = (fee: FeeTerms, more: Partial<FeeSources>) =>
  accrue(sources({ agreements: [versionOf(fee)], ...more }));
const fees = (fee: FeeTerms, more: Partial<FeeSources>) =>
  lines(fee, more).map(({ feeMinor }) => Number(feeMinor));
const paid = (key: string, day: string, minor = 10_000, more = {}) =>
  payment(key, `${day}T10:00:00Z`, { amountMinor: BigInt(minor), ...more });
const back = (key: string, of: string | null, day: string, minor: number, more = {}) =>
  refund(key, of, `${day}T12:00:00Z`, { amountMinor: BigInt(minor), ...more });
const two = [paid('a', '2026-07-01'), paid('b', '2026-07-10')];

test('a percentage of the first payment stays with the first, even once it is refunded', () => {
  const first: FeeTerms = { ...percent, of: 'first-payment' };
  expect(fees(first, { payments: two })).toEqual([1_000]);
  const refunds = [back('r', 'a', '2026-07-05', 10_000)];
  expect(fees(first, { payments: two, refunds })).toEqual([1_000, -1_000]);
});

test('a flat fee per payment is reversed in proportion', () => {
  const refunds = [back('r', 'b', '2026-07-11', 2_500)];
  expect(fees(flat('payment'), { payments: two, refunds })).toEqual([500, 500, -125]);
});

test('a flat fee per activation or first payment is reversed by a full refund only, and earned once', () => {
  for (const per of ['activation', 'first-payment'] as const) {
    const part = [back('r', 'a', '2026-07-05', 9_999)];
    expect(fees(flat(per), { payments: two, refunds: part })).toEqual([500]);
    const full = [...part, back('s', 'a', '2026-07-06', 1)];
    expect(fees(flat(per), { payments: two, refunds: full })).toEqual([500, -500]);
  }
});

test('a customer who ends and comes back is no second activation', () => {
  const until = at('2026-07-05T00:00:00Z');
  const again = at('2026-07-08T00:00:00Z');
  const relationships = [
    relationship('ada', { openParts: [{ from: at('2026-01-01T00:00:00Z'), until }] }),
    relationship('ada', {
      id: 'again' as never,
      attributedAt: again,
      activatedAt: at('2026-07-10T10:00:00Z'),
      openParts: [{ from: again, until: null }],
    }),
  ];
  expect(fees(flat('activation'), { payments: two, relationships })).toEqual([500]);
});

test('a threshold earns once payments less refunds reach it, is reversed below it, and never again', () => {
  const fee = flat('threshold', { thresholds: { USD: 15_000 } });
  expect(fees(fee, { payments: two.slice(0, 1) })).toEqual([]);
  expect(fees(fee, { payments: two })).toEqual([500]);
  const kept = [back('r', 'a', '2026-07-12', 5_000)];
  expect(fees(fee, { payments: two, refunds: kept })).toEqual([500]);
  const below = [back('r', 'a', '2026-07-12', 5_001)];
  const more = [...two, paid('c', '2026-07-20')];
  expect(fees(fee, { payments: more, refunds: below })).toEqual([500, -500]);
  const early = [back('r', 'a', '2026-07-05', 10_000)];
  expect(fees(fee, { payments: two, refunds: early })).toEqual([]);
  expect(fees(fee, { payments: more, refunds: early })).toEqual([500]);
});

test('outside the clawback days a refund brings no threshold down', () => {
  const fee = { ...flat('threshold', { thresholds: { USD: 15_000 } }), clawbackDays: 11 };
  const on = (day: string) => fees(fee, { payments: two, refunds: [back('r', 'a', day, 9_000)] });
  expect(on('2026-07-12')).toEqual([500, -500]);
  expect(on('2026-07-13')).toEqual([500]);
});

test('a dispute reverses on the day it was opened; won, it restores exactly once', () => {
  const lost = back('d', 'a', '2026-07-20', 10_000, { kind: 'dispute' });
  const won = { ...lost, wonAt: at('2026-09-02T10:00:00Z') };
  expect(fees(percent, { payments: two, refunds: [lost] })).toEqual([1_000, 1_000, -1_000]);
  const all = lines(percent, { payments: two, refunds: [won] });
  expect(all.map(({ month, feeMinor }) => [month, Number(feeMinor)])).toEqual([
    ['2026-07', 1_000],
    ['2026-07', 1_000],
    ['2026-07', -1_000],
    ['2026-09', 1_000],
  ]);
  expect(all[3]?.explanation.text).toContain('won on 2026-09-02');
  const later = [won, back('r', 'a', '2026-09-03', 4_000)];
  expect(fees(percent, { payments: two, refunds: later }).at(-1)).toBe(-400);
  const before = [back('r', 'a', '2026-07-19', 4_000), won];
  expect(fees(percent, { payments: two, refunds: before })).toEqual([
    1_000, 1_000, -400, -600, 600,
  ]);
  expect(fees({ ...percent, clawbackDays: 18 }, { payments: two, refunds: [won] })).toHaveLength(2);
});

test('a won dispute restores a fee per threshold', () => {
  const fee = flat('threshold', { thresholds: { USD: 15_000 } });
  const won = { kind: 'dispute', wonAt: at('2026-08-01T10:00:00Z') } as const;
  const refunds = [back('d', 'b', '2026-07-12', 10_000, won)];
  expect(fees(fee, { payments: two, refunds })).toEqual([500, -500, 500]);
});

test('a dispute that is won leaves a threshold as it would be without it', () => {
  const fee = flat('threshold', { thresholds: { USD: 15_000 } });
  const won = { kind: 'dispute', wonAt: at('2026-08-01T10:00:00Z') } as const;
  const payments = [...two, paid('c', '2026-07-20', 20_000)];
  const gone = back('r', 'a', '2026-07-12', 10_000);
  // Opened after a refund took the fee back, or open when it did: it was not the dispute's doing.
  for (const day of ['2026-07-21', '2026-07-11']) {
    const of = day === '2026-07-21' ? 'c' : 'b';
    const refunds = [gone, back('d', of, day, 100, won)];
    expect([day, fees(fee, { payments, refunds })]).toEqual([day, [500, -500]]);
  }
  // Two disputes: the fee is back when both are won.
  const both = [
    back('d', 'a', '2026-07-12', 9_000, { ...won, wonAt: at('2026-07-14T10:00:00Z') }),
    back('e', 'b', '2026-07-13', 9_000, won),
  ];
  expect(
    lines(fee, { payments, refunds: both }).map((one) => [one.month, Number(one.feeMinor)]),
  ).toEqual([
    ['2026-07', 500],
    ['2026-07', -500],
    ['2026-08', 500],
  ]);
});

test('a credit that names no payment takes from the latest earning lines, each at its own rate', () => {
  const agreements = [
    versionOf(percent, { validUntil: '2026-07-05' }),
    versionOf({ ...percent, ratePercent: '20' }, { version: 2, validFrom: '2026-07-05' }),
  ];
  const refunds = [back('c', null, '2026-07-20', 15_000)];
  const all = accrue(sources({ agreements, payments: two, refunds }));
  const amounts = all.map(({ baseMinor, feeMinor }) => [Number(baseMinor), Number(feeMinor)]);
  expect(amounts.sort(([a, x], [b, y]) => b! - a! || y! - x!)).toEqual([
    [10_000, 2_000],
    [10_000, 1_000],
    [-5_000, -500],
    [-10_000, -2_000],
  ]);
  expect(all[2]?.explanation.text).toContain('Credit of 150.00 USD');
  const more = [...refunds, back('d', null, '2026-07-21', 99_999)];
  const total = accrue(sources({ agreements, payments: two, refunds: more }));
  expect(total.reduce((sum, { feeMinor }) => sum + feeMinor, 0n)).toBe(0n);
  const other = [back('c', null, '2026-07-20', 15_000, { currency: 'EUR' })];
  expect(fees(percent, { payments: two, refunds: other })).toEqual([1_000, 1_000]);
});

test('the base leaves out the parts that the terms name, and a service has its own rate', () => {
  const parts = { processorFee: 320n, shipping: 680n, discount: 1_000n };
  const fee: FeeTerms = {
    ...percent,
    less: ['processorFee', 'shipping'],
    serviceRates: { studio: '50' },
  };
  const payments = [
    paid('a', '2026-07-01', 11_000, { taxMinor: 1_000n, parts }),
    paid('b', '2026-07-02', 1_000, { service: 'studio' }),
  ];
  const relationships = [relationship('ada'), relationship('ada', {}, 'studio')];
  const [first, second] = lines(fee, { payments, relationships });
  expect([first?.baseMinor, first?.feeMinor, second?.feeMinor]).toEqual([9_000n, 900n, 500n]);
  expect(first?.explanation.text).toContain('less 10.00 USD tax and 3.20 USD processor fee');
});

test('caps count what was earned less what was reversed so far, and a line once cut stays cut', () => {
  const capped: FeeTerms = { ...percent, capPerCustomer: { USD: 1_500 } };
  const payments = [...two, paid('c', '2026-07-20'), paid('d', '2026-08-20')];
  expect(fees(capped, { payments })).toEqual([1_000, 500, 0, 0]);
  const refunds = [back('r', 'a', '2026-07-15', 3_000)];
  expect(fees(capped, { payments, refunds })).toEqual([1_000, 500, -300, 300, 0]);
  expect(lines(capped, { payments })[1]?.explanation.text).toContain(
    'The cap of 15.00 USD for the customer leaves 5.00 USD: the fee is cut to 5.00 USD.',
  );
});

test('a cap for the period counts all customers of the partner by the day of settlement', () => {
  const payments = [
    paid('a', '2026-07-01'),
    paid('b', '2026-07-15', 10_000, { customer: 'ben' }),
    paid('c', '2026-07-16'),
    paid('d', '2026-08-01'),
    paid('e', '2026-10-01'),
  ];
  const relationships = [relationship('ada'), relationship('ben')];
  const of = (period: NonNullable<FeeTerms['period']>) =>
    fees({ ...percent, capPerPeriod: { USD: 1_200 }, period }, { payments, relationships });
  expect(of('month')).toEqual([1_000, 200, 0, 1_000, 1_000]);
  expect(of('half-month')).toEqual([1_000, 200, 1_000, 1_000, 1_000]);
  expect(of('quarter')).toEqual([1_000, 200, 0, 0, 1_000]);
});

test('a hold may go to the month’s end: 60 days from 15 March, and the rest of that month', () => {
  const held: FeeTerms = { ...percent, holdDays: 60 };
  const payments = [paid('a', '2026-03-15')];
  expect(lines(held, { payments })[0]?.availableOn).toBe('2026-05-14');
  const toEnd: FeeTerms = { ...held, holdToMonthEnd: true };
  expect(lines(toEnd, { payments })[0]?.availableOn).toBe('2026-05-31');
});

test('each payment in a currency that the terms do not name is listed, and earns nothing', () => {
  const payments = [paid('a', '2026-07-01', 10_000, { currency: 'KWD' }), paid('b', '2026-07-02')];
  expect(lines(percent, { payments }).map(({ because }) => because)).toEqual([
    'currency-not-agreed',
    null,
  ]);
});

test('currencies without and with three decimals are counted in their own minor units', () => {
  const fee: FeeTerms = { ...percent, ratePercent: '12.5', currencies: ['JPY', 'KWD'] };
  const payments = [
    paid('a', '2026-07-01', 100, { currency: 'JPY' }),
    paid('b', '2026-07-02', 1_004, { currency: 'KWD' }),
  ];
  const [yen, dinar] = lines(fee, { payments });
  expect([yen?.feeMinor, dinar?.feeMinor]).toEqual([12n, 126n]);
  expect(yen?.explanation.text).toContain('12.5 % of it is 12.5 JPY, rounded half-even to 12 JPY');
  expect(dinar?.explanation.text).toContain('0.1255 KWD, rounded half-even to 0.126 KWD');
});

test('an integration earns only while the customer both pays and is connected', () => {
  const connected = { kind: 'integration' } as const;
  const parts = [
    { from: at('2026-01-01T00:00:00Z'), until: at('2026-07-05T00:00:00Z') },
    { from: at('2026-07-15T00:00:00Z'), until: null },
  ];
  const payments = [...two, paid('c', '2026-07-20')];
  const whole = relationship('ada', { ...connected, openParts: parts });
  expect(fees(percent, { payments, relationships: [whole] })).toEqual([1_000, 1_000]);
  const unpaid = relationship('ada', { ...connected, activatedAt: null, isActive: false });
  expect(fees(percent, { payments, relationships: [unpaid] })).toEqual([]);
});

test('what a partner is told of a line says nothing of what other payments come to', () => {
  const steps = [
    { from: { USD: 0 }, ratePercent: '10' },
    { from: { USD: 50_000 }, ratePercent: '15' },
  ];
  const percent: FeeTerms = { kind: 'percent', ratePercent: '12.5', currencies: ['USD'] };
  const many: readonly FeeTerms[] = [
    { kind: 'tiers', tiers: { mode: 'graduated', by: 'base', steps }, currencies: ['USD'] },
    { kind: 'tiers', tiers: { mode: 'volume', by: 'base', steps }, currencies: ['USD'] },
    { ...percent, roundingLevel: 'partner-month' },
    { ...percent, roundingLevel: 'customer-month' },
    { ...percent, capPerPeriod: { USD: 5_000 } },
    { kind: 'flat', flat: { per: 'threshold', amounts: { USD: 500 }, thresholds: { USD: 60_000 } }, currencies: ['USD'] }, // prettier-ignore
  ];
  for (const fee of many) {
    const payments = [paid('a', '2026-07-01', 12_345), paid('b', '2026-07-02', 67_890)];
    const refunds = [back('r', 'b', '2026-08-01', 60_000)];
    for (const { explanation } of lines(fee, { payments, refunds })) {
      // 123.45 is the first payment's own; what both come to, before or after, is nobody's to tell.
      expect(explanation.told).not.toMatch(/802\.35|202\.35|leaves|before it|add up to/);
      expect(explanation.text).not.toBe('');
    }
  }
});
