import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { linesOf } from '../../src/ledger/entry-rules.ts';
import { addDays } from '../../src/platform/calendar-days.ts';
import { postingOf, settle, taxesOf } from '../../src/settlements/document-rules.ts';
import { periodAt, type PeriodKind } from '../../src/settlements/period-rules.ts';
import { version } from '../fees/given-fees.ts';

const minor = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
const nothing = {
  ...{ reversedMinor: 0n, adjustedMinor: 0n, taxMinor: 0n },
  ...{ collectedMinor: 0n, remittedMinor: 0n },
};
const october = { period: '2026-10', fromDay: '2026-10-01', untilDay: '2026-11-01' };
const settled = (
  sums: { openingMinor: bigint; accruedMinor: bigint; taxMinor?: bigint },
  fee: Partial<FeeTerms> = {},
  lastEarnedOn?: string,
) =>
  // prettier-ignore
  settle(
    { ...nothing, ...sums },
    { versions: [version(fee)], currency: 'USD', period: october, lastEarnedOn },
  );

test('every day lies in exactly one period, which ends where the next begins', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      fc.constantFrom<PeriodKind>('month', 'half-month', 'quarter'),
      (date, kind) => {
        const day = date.toISOString().slice(0, 10);
        const period = periodAt(day, kind);
        expect(period.fromDay <= day && day < period.untilDay).toBe(true);
        expect(periodAt(addDays(period.untilDay, -1), kind)).toEqual(period);
        expect(periodAt(period.untilDay, kind).fromDay).toBe(period.untilDay);
      },
    ),
  );
});

test.each([
  ['2024-02-29', 'month', '2024-02', '2024-02-01', '2024-03-01'],
  ['2024-02-29', 'half-month', '2024-02-2', '2024-02-16', '2024-03-01'],
  ['2026-12-15', 'half-month', '2026-12-1', '2026-12-01', '2026-12-16'],
  ['2026-12-31', 'quarter', '2026-Q4', '2026-10-01', '2027-01-01'],
] as const)('%s lies in the %s %s', (day, kind, period, fromDay, untilDay) => {
  expect(periodAt(day, kind)).toEqual({ period, fromDay, untilDay });
});

test('a balance goes somewhere in whole, and what is posted of it adds up to nothing', () => {
  fc.assert(
    fc.property(minor, minor, minor, minor, minor, (opening, payable, receivable, tax, least) => {
      const fee = { minimumPayout: { USD: Number(least < 0n ? -least : least) } };
      const sums = { openingMinor: opening, accruedMinor: payable + receivable, taxMinor: tax };
      const amounts = settled(sums, fee);
      const { closingMinor, payoutMinor, forfeitedMinor, carriedMinor } = amounts;
      expect(closingMinor).toBe(payoutMinor + forfeitedMinor + carriedMinor);
      expect(payoutMinor === 0n || payoutMinor >= BigInt(fee.minimumPayout.USD)).toBe(true);
      const lines = postingOf(amounts, { payableMinor: payable, receivableMinor: receivable });
      const moved = Object.values(lines);
      expect(moved.reduce((sum, one) => sum + one, 0n)).toBe(0n);
      if (moved.some((one) => one !== 0n)) expect(linesOf({ lines }).length).toBeGreaterThan(1);
    }),
  );
});

test('below nothing or below the minimum it is carried forward, at the minimum it is paid', () => {
  const carried = (minorUnits: bigint) =>
    settled({ openingMinor: 0n, accruedMinor: minorUnits }, { minimumPayout: { USD: 500 } })
      .carriedMinor;
  expect([-1n, 0n, 1n, 499n, 500n, 501n].map(carried)).toEqual([-1n, 0n, 1n, 499n, 0n, 0n]);
});

test('after the agreed months without an earned line a small balance is forfeited, a debt never', () => {
  const fee = { minimumPayout: { USD: 500 }, forfeitAfterMonths: 6 };
  const small = { openingMinor: 100n, accruedMinor: 0n };
  expect(settled(small, fee, '2026-04-30').forfeitedMinor).toBe(100n);
  expect(settled(small, fee, '2026-05-01').carriedMinor).toBe(100n);
  expect(settled({ openingMinor: -100n, accruedMinor: 0n }, fee, '2020-01-01').carriedMinor).toBe(-100n); // prettier-ignore
});

test('money that a partner collected or remitted is never forfeited', () => {
  const sums = { ...nothing, openingMinor: 100n, accruedMinor: 0n };
  const terms = { versions: [version({ minimumPayout: { USD: 500 }, forfeitAfterMonths: 1 })], currency: 'USD', period: october, lastEarnedOn: undefined }; // prettier-ignore
  expect(settle(sums, terms)).toMatchObject({ forfeitedMinor: 100n, carriedMinor: 0n });
  expect(settle(sums, { ...terms, holdsTransfers: true })).toMatchObject({ forfeitedMinor: 0n, carriedMinor: 100n }); // prettier-ignore
});

test('what we owe and what the partner owes net on one statement', () => {
  const amounts = settled({ openingMinor: 0n, accruedMinor: 60n - 100n });
  expect(postingOf(amounts, { payableMinor: 60n, receivableMinor: -100n })).toEqual({
    'referral-expense': 60n,
    'referral-income': -100n,
    collections: 0n,
    'partner-payable': 0n,
    'partner-receivable': 40n,
    'fee-tax': 0n,
  });
});

const rate = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([whole, part]) => `${String(whole)}.${String(part).padStart(6, '0')}`);
const rounding = fc.constantFrom('half-even' as const, 'half-up' as const, 'down' as const);
const taxed = (fee: Partial<FeeTerms>, nets: readonly bigint[]) =>
  taxesOf(
    new Map(nets.map((net, i) => [i + 1, net])),
    new Map(),
    nets.map((_, i) => version(fee, { version: i + 1 })),
  ).map(({ taxMinor }) => taxMinor);

test('a tax at a rate is less than one minor unit from the exact one, for each version of the agreement', () => {
  fc.assert(
    fc.property(fc.array(minor), rate, rounding, (nets, ratePercent, how) => {
      const fee = { rounding: how, tax: { kind: 'rate' as const, ratePercent } };
      const taxes = taxed(fee, nets);
      expect(taxes).toHaveLength(nets.length);
      const percent = BigInt(ratePercent.replace('.', ''));
      taxes.forEach((tax, i) => {
        // In hundred-millionths of a minor unit.
        const off = tax * 10n ** 8n - (nets[i] ?? 0n) * percent;
        const size = off < 0n ? -off : off;
        expect(how === 'down' ? size < 10n ** 8n : 2n * size <= 10n ** 8n).toBe(true);
      });
    }),
  );
});

test('the tax of the opposite is the opposite tax, of nothing nothing, and a version that says none has no line', () => {
  fc.assert(
    fc.property(minor, rate, rounding, (net, ratePercent, how) => {
      const fee = { rounding: how, tax: { kind: 'rate' as const, ratePercent } };
      const [tax, opposite, none] = taxed(fee, [net, -net, 0n]);
      expect(opposite).toBe(-(tax ?? 0n));
      expect(none).toBe(0n);
      expect(taxed({ tax: { kind: 'reverse-charge' } }, [net])).toEqual([0n]);
      expect(taxed({ tax: { kind: 'none' } }, [net])).toEqual([]);
      expect(taxed({}, [net])).toEqual([]);
    }),
  );
});

test('19 % of 12.50 and of 17.50 are 2.38 and 3.32 half to even, 2.38 and 3.33 half up, 2.37 and 3.32 down', () => {
  const tax = { kind: 'rate' as const, ratePercent: '19' };
  const nets = [1250n, 1750n];
  expect(taxed({ tax }, nets)).toEqual([238n, 332n]);
  expect(taxed({ tax, rounding: 'half-up' }, nets)).toEqual([238n, 333n]);
  expect(taxed({ tax, rounding: 'down' }, nets)).toEqual([237n, 332n]);
});

test('lines of two versions are taxed at the rate of each, and rounded once each', () => {
  const at = (number: number, ratePercent: string) =>
    version({ tax: { kind: 'rate', ratePercent } }, { version: number });
  const versions = [at(1, '19'), at(2, '7')];
  const nets = new Map([[1, 1000n], [2, -150n]]); // prettier-ignore
  expect(taxesOf(nets, new Map(), versions)).toMatchObject([
    { agreementVersion: 1, ratePercent: '19', netMinor: 1000n, taxMinor: 190n },
    { agreementVersion: 2, ratePercent: '7', netMinor: -150n, taxMinor: -10n },
  ]);
});

test('statements together are taxed as one would be, however their lines are spread over them', () => {
  const versions = [version({ tax: { kind: 'rate', ratePercent: '19' } }, { version: 1 })];
  fc.assert(
    fc.property(fc.array(minor, { maxLength: 8 }), (nets) => {
      let before = 0n;
      let taxed = 0n;
      for (const net of nets) {
        const [tax] = taxesOf(new Map([[1, net]]), new Map([[1, before]]), versions);
        taxed += tax?.taxMinor ?? 0n;
        before += net;
      }
      const [whole] = taxesOf(new Map([[1, before]]), new Map(), versions);
      expect(taxed).toBe(whole?.taxMinor);
    }),
  );
});
