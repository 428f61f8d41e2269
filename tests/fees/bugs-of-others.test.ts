import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { accrue, parseRate, percentFee, type FeeSources } from '../../src/earnings/index.ts';
import { splitAmount } from '../../src/platform/rounding.ts';
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
      expect(earned![1] >= 0n && reversed![1] <= 0n).toBe(true);
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
    ['reversal', 0n],
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

test('getdokan/dokan#3324: shares add up to what is shared, each within one unit of its part', () => {
  const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
  const weight = fc.bigInt({ min: 0n, max: 10n ** 6n });
  const weights = fc.array(weight, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(amount, weights, fc.bigInt({ min: 1n, max: 9n }), (whole, some, last) => {
      const all = [...some, last];
      const sum = all.reduce((total, one) => total + one, 0n);
      const parts = splitAmount(whole, all);
      expect(parts.reduce((total, one) => total + one, 0n)).toBe(whole);
      for (const [i, part] of parts.entries()) {
        const off = part * sum - whole * all[i]!;
        expect(off < sum && off > -sum).toBe(true);
      }
    }),
  );
  expect(splitAmount(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
  expect(splitAmount(-10n, [1n, 2n])).toEqual([-3n, -7n]);
  expect(() => splitAmount(1n, [0n])).toThrow(RangeError);
});

test('recurly/recurly-client-java#73: no cent is lost between an amount and its minor units', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }), (minor) => {
      expect(percentFee(minor, parseRate('100'), 'half-even')).toBe(minor);
      const three = percentFee(minor * 1000n, parseRate('0.1'), 'down');
      expect(three).toBe(minor);
    }),
  );
});

test('dubinc/dub: 2.9 % of 500 is 14.5 minor units, a half and not 14.499999999999998', () => {
  const rate = parseRate('2.9');
  expect(percentFee(500n, rate, 'half-up')).toBe(15n);
  expect(percentFee(500n, rate, 'half-even')).toBe(14n);
  expect(percentFee(1500n, rate, 'half-even')).toBe(44n);
  expect(percentFee(1500n, rate, 'down')).toBe(43n);
});
