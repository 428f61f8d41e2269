import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { exactFee, roundExact } from '../../src/earnings/fee-rules.ts';
import { accrue, type FeeSources } from '../../src/earnings/index.ts';
import type { Rounding } from '../../src/platform/rounding.ts';
import { payment, refund, sources, version, versionOf } from './given-fees.ts';

/** Bugs that other systems had, by the names of their reports. */

const fees = (more: Partial<FeeSources>) =>
  accrue(sources(more)).map(({ kind, feeMinor }) => [kind, feeMinor] as const);
const paid = (key: string, day: string, amountMinor: bigint) =>
  payment(key, `${day}T10:00:00Z`, { amountMinor });
const back = (key: string, of: string, day: string, amountMinor: bigint) =>
  refund(key, of, `${day}T10:00:00Z`, { amountMinor });

test('productdevbook/tezgah#144: a refund reverses at the rate its own payment earned, not at a blend', () => {
  const agreements = [
    version({ ratePercent: '20' }, { validUntil: '2026-07-01' }),
    version({ ratePercent: '10' }, { version: 2, validFrom: '2026-07-01' }),
  ];
  const payments = [paid('a', '2026-06-30', 10_000n), paid('b', '2026-07-01', 10_000n)];
  const of = (key: string) =>
    fees({ agreements, payments, refunds: [back('r', key, '2026-07-05', 10_000n)] }).at(-1);
  expect(of('a')).toEqual(['reversal', -2_000n]);
  expect(of('b')).toEqual(['reversal', -1_000n]);
});

test('OCA/commission#652, opencart/opencart#7703: what a refund takes back is negative', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 0n }), (amount, part) => {
      const payments = [paid('a', '2026-07-01', amount)];
      const refunds = [back('r', 'a', '2026-07-02', part % (amount + 1n))];
      const [earned, reversed] = fees({ payments, refunds });
      expect(earned![1] >= 0n && (reversed?.[1] ?? 0n) <= 0n).toBe(true);
    }),
  );
});

test('AffiliateWP/AffiliateWP#1829: a partial refund takes back its part', () => {
  const payments = [paid('a', '2026-07-01', 10_000n)];
  const refunds = [back('r', 'a', '2026-07-02', 2_500n)];
  expect(fees({ payments, refunds })).toEqual([
    ['accrual', 1_250n],
    ['reversal', -312n],
  ]);
});

test('antiwork/gumroad#6445: a payment taken back in full earns nothing more', () => {
  const payments = [paid('a', '2026-07-01', 999n)];
  const refunds = [back('r', 'a', '2026-07-02', 999n)];
  expect(fees({ payments, refunds }).reduce((sum, [, minor]) => sum + minor, 0n)).toBe(0n);
});

test('antiwork/gumroad#6452: two partial refunds count once each, and never beyond the payment', () => {
  const payments = [paid('a', '2026-07-01', 1_000n)];
  const refunds = [
    back('r1', 'a', '2026-07-02', 500n),
    back('r2', 'a', '2026-07-03', 500n),
    back('r3', 'a', '2026-07-04', 500n),
  ];
  expect(fees({ payments, refunds })).toEqual([
    ['accrual', 125n],
    ['reversal', -62n],
    ['reversal', -63n],
  ]);
});

test('getdokan/dokan#3324: the cap comes after rounding, and capped lines add up to it', () => {
  const fee: FeeTerms = {
    kind: 'percent',
    ratePercent: '33.333333',
    currencies: ['USD'],
    capPerCustomer: { USD: 1_000 },
  };
  const payments = ['01', '02', '03', '04'].map((day) => paid(day, `2026-07-${day}`, 1_000n));
  expect(fees({ agreements: [versionOf(fee)], payments }).map(([, minor]) => minor)).toEqual([
    333n,
    333n,
    333n,
    1n,
  ]);
});

test('recurly/recurly-client-java#73: no cent is lost between an amount and its minor units', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }), (minor) => {
      expect(roundExact(exactFee(minor, '100'), 'half-even')).toBe(minor);
      const three = roundExact(exactFee(minor * 1000n, '0.1'), 'down');
      expect(three).toBe(minor);
    }),
  );
});

test('dubinc/dub: 2.9 % of 500 is 14.5 minor units, a half and not 14.499999999999998', () => {
  const fee = (base: bigint, rounding: Rounding) => roundExact(exactFee(base, '2.9'), rounding);
  expect(fee(500n, 'half-up')).toBe(15n);
  expect(fee(500n, 'half-even')).toBe(14n);
  expect(fee(1500n, 'half-even')).toBe(44n);
  expect(fee(1500n, 'down')).toBe(43n);
});
