import { expect, test } from '@jest/globals';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { accrue, type AccrualLine, type FeeSources } from '../../src/earnings/index.ts';
import { payment, refund, relationship, sources, versionOf } from './given-fees.ts';

/** The examples that the rules of the fees were agreed on, with their amounts. */

const lines = (fee: FeeTerms, more: Partial<FeeSources>): AccrualLine[] =>
  accrue(sources({ agreements: [versionOf(fee)], ...more }));
const fees = (fee: FeeTerms, more: Partial<FeeSources>) =>
  lines(fee, more).map(({ month, feeMinor }) => [month, Number(feeMinor)]);
const sum = (all: readonly (string | number)[][]) =>
  all.reduce((total, [, minor]) => total + Number(minor), 0);

const usd = (minor: number) => ({ USD: minor });
const steps = [
  { from: usd(0), ratePercent: '10' },
  { from: usd(1_000_000), ratePercent: '15' },
];
const graduated: FeeTerms = {
  kind: 'tiers',
  tiers: { mode: 'graduated', by: 'base', steps },
  currencies: ['USD'],
};
const volume: FeeTerms = { ...graduated, tiers: { mode: 'volume', by: 'base', steps } };
const paid = (key: string, day: string, minor: number) =>
  payment(key, `${day}T10:00:00Z`, { amountMinor: BigInt(minor) });
const back = (key: string, of: string, day: string, minor: number) =>
  refund(key, of, `${day}T10:00:00Z`, { amountMinor: BigInt(minor) });

test('graduated, 10 % to 10,000.00 and 15 % above: a refund reverses its line and lowers no tier', () => {
  const month = fees(graduated, {
    payments: [
      paid('a', '2026-07-01', 800_000),
      paid('b', '2026-07-02', 400_000),
      paid('c', '2026-07-04', 200_000),
    ],
    refunds: [back('r', 'a', '2026-07-03', 300_000)],
  });
  expect(month).toEqual([
    ['2026-07', 80_000],
    ['2026-07', 50_000],
    ['2026-07', -30_000],
    ['2026-07', 30_000],
  ]);
  expect(sum(month)).toBe(130_000);
});

test('customer-month at 12.5 %: three payments of 0.99 earn 0.12, 0.13, 0.12; a refund in August', () => {
  const fee: FeeTerms = {
    kind: 'percent',
    ratePercent: '12.5',
    roundingLevel: 'customer-month',
    currencies: ['USD'],
  };
  const both = fees(fee, {
    payments: [
      paid('a', '2026-07-01', 99),
      paid('b', '2026-07-02', 99),
      paid('c', '2026-07-03', 99),
      paid('d', '2026-08-10', 99),
    ],
    refunds: [back('r', 'b', '2026-08-02', 99)],
  });
  expect(both).toEqual([
    ['2026-07', 12],
    ['2026-07', 13],
    ['2026-07', 12],
    ['2026-08', -13],
    ['2026-08', 12],
  ]);
  expect(sum(both)).toBe(36);
});

test('volume, 10 % under 10,000.00 and 15 % from there: a late payment lifts the whole month', () => {
  const early = [paid('a', '2026-07-01', 600_000), paid('b', '2026-07-20', 350_000)];
  expect(sum(fees(volume, { payments: early }))).toBe(95_000);
  const late = paid('c', '2026-07-25', 100_000);
  const refunds = [back('r', 'a', '2026-09-03', 100_000)];
  expect(fees(volume, { payments: [late, ...early], refunds })).toEqual([
    ['2026-07', 90_000], // 600.00 before: an adjustment of 300.00
    ['2026-07', 52_500], // 350.00 before: an adjustment of 175.00
    ['2026-07', 15_000],
    ['2026-09', -15_000],
  ]);
});

test('a tier begins at its lower bound, and a new agreement version begins with nothing', () => {
  const at = (minor: number) => fees(volume, { payments: [paid('a', '2026-07-01', minor)] });
  expect(at(999_999)).toEqual([['2026-07', 100_000]]);
  expect(at(1_000_000)).toEqual([['2026-07', 150_000]]);
  const agreements = [
    versionOf(graduated, { validUntil: '2026-07-15' }),
    versionOf(graduated, { version: 2, validFrom: '2026-07-15' }),
  ];
  const payments = [paid('a', '2026-07-14', 1_000_000), paid('b', '2026-07-15', 10_000)];
  expect(fees(graduated, { agreements, payments })).toEqual([
    ['2026-07', 100_000],
    ['2026-07', 1_000],
  ]);
});

test('volume by the relationships active at the month’s end counts those of the last moment', () => {
  const byCount: FeeTerms = {
    kind: 'tiers',
    tiers: {
      mode: 'volume',
      by: 'active-relationships',
      steps: [
        { fromActive: 0, ratePercent: '10' },
        { fromActive: 2, ratePercent: '20' },
      ],
    },
    currencies: ['USD'],
  };
  const second = (until: string) =>
    relationship('ben', {
      openParts: [{ from: new Date('2026-01-01T00:00:00Z'), until: new Date(until) }],
    });
  const of = (until: string) =>
    fees(byCount, {
      payments: [paid('a', '2026-07-01', 10_000)],
      relationships: [relationship('ada'), second(until)],
    });
  expect(of('2026-07-31T23:59:59.999Z')).toEqual([['2026-07', 1_000]]);
  expect(of('2026-08-01T00:00:00Z')).toEqual([['2026-07', 2_000]]);
});
