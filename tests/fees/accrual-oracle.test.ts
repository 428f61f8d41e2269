import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { problemsOfFee } from '../../src/agreements/index.ts';
import { accrue, type AccrualLine, type FeeSources } from '../../src/earnings/index.ts';
import { lineText } from '../../src/fees/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { localDay } from '../../src/platform/local-days.ts';
import { roundFraction } from '../../src/platform/rounding.ts';
import { problemsOf } from '../../src/platform/schemas.ts';
import { shownLine } from '../../src/settlements/fee-wire-rules.ts';
import { partnerId, refund } from './given-fees.ts';
import { naiveDay, naiveFees, naiveLineOf, type NaiveLine } from './naive-oracle.ts';
import { day, moment, terms, worlds, zones } from './random-worlds.ts';

/** Random histories: more in the full run. */
const histories = Number(process.env['SLUICE_TEST_HISTORIES'] ?? 2000);

type Accrue = (world: FeeSources) => AccrualLine[];
const sorted = (lines: readonly NaiveLine[]) =>
  [...lines].sort((a, b) => (text(a) < text(b) ? -1 : 1));
const text = (line: NaiveLine) => line.map(String).join(' ');
const agrees = (rules: Accrue) =>
  fc.property(worlds, (world) => {
    expect(sorted(rules(world).map(naiveLineOf))).toEqual(sorted(naiveFees(world)));
  });

test('every random agreement is one that can be published', () => {
  fc.assert(
    fc.property(terms, (fee) => {
      expect(problemsOfFee(fee, 'all')).toEqual([]);
    }),
  );
});

test('every line equals the one that a slow oracle works out', () => {
  fc.assert(agrees(accrue), { numRuns: histories });
}, 900_000);

test('twin: half-up where half-even is agreed is found by the same property', () => {
  const twin: Accrue = (world) =>
    accrue({
      ...world,
      agreements: world.agreements.map((one) => {
        const fee = one.terms.fee!;
        const { rounding: agreed = 'half-even' } = fee;
        const rounding = agreed === 'half-even' ? 'half-up' : agreed;
        return { ...one, terms: { ...one.terms, fee: { ...fee, rounding } } };
      }),
    });
  expect(fc.check(agrees(twin), { numRuns: 50_000, endOnFailure: true }).failed).toBe(true);
});

test('twin: a reversal at the rate of today instead of the line’s own is found by the same property', () => {
  const twin: Accrue = (world) => {
    const now = world.agreements.at(-1)!.terms.fee!;
    const [whole = '', part = ''] = now.ratePercent!.split('.');
    return accrue(world).map((line) => {
      if (line.kind === 'accrual' || line.because) return line;
      const rate = BigInt(whole + part.padEnd(6, '0'));
      return { ...line, feeMinor: roundFraction(line.baseMinor * rate, 10n ** 8n, now.rounding!) };
    });
  };
  expect(fc.check(agrees(twin), { numRuns: 50_000, endOnFailure: true }).failed).toBe(true);
});

test('the order in which the sources come changes no byte', () => {
  const bytes = (world: FeeSources) => accrue(world).map(lineText).join('\n');
  const reversed = (world: FeeSources): FeeSources => ({
    ...world,
    agreements: [...world.agreements].reverse(),
    relationships: [...world.relationships].reverse(),
    payments: [...world.payments].reverse(),
    refunds: [...world.refunds].reverse(),
  });
  fc.assert(
    fc.property(worlds, (world) => {
      expect(bytes(reversed(world))).toBe(bytes(world));
    }),
  );
});

test('the lines of a payment never fall below nothing, and a full refund leaves nothing', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const full = world.payments.map((one, i) =>
        refund(`full${i}`, `p${i}`, new Date(one.settledAt.getTime() + 90 * day), {
          ...{ amountMinor: one.amountMinor, taxMinor: one.taxMinor },
          currency: one.currency,
        }),
      );
      const always = world.agreements.map((one) => {
        const { clawbackDays: _, ...fee } = one.terms.fee!;
        return { ...one, terms: { ...one.terms, fee } };
      });
      const lines = accrue({ ...world, agreements: always, refunds: [...world.refunds, ...full] });
      const left = new Map<string, bigint>();
      for (const { paymentId, feeMinor } of lines) {
        left.set(paymentId, (left.get(paymentId) ?? 0n) + feeMinor);
      }
      expect([...left.values()].filter((minor) => minor !== 0n)).toEqual([]);
    }),
  );
});

test('every line has an explanation, and goes to the partner as its schema says', () => {
  const pairwise = pairwiseOf(Buffer.alloc(32, 7), partnerId);
  fc.assert(
    fc.property(worlds, (world) => {
      const lines = accrue(world);
      expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
      const data = lines.map((line) => shownLine(line, pairwise));
      expect(problemsOf('fees/accruals', { data, next: null })).toEqual([]);
      for (const { explanation } of lines) {
        expect(explanation.text).toMatch(
          /^(Payment|Refund|Dispute|Credit) of .*Agreement version \d/,
        );
        expect(explanation.text).not.toMatch(/undefined|NaN|null/);
      }
    }),
    { numRuns: 300 },
  );
});

test('local days are those of the zones’ written rules, whatever the host’s zone', () => {
  fc.assert(
    fc.property(moment, fc.constantFrom(...zones), (at, zone) => {
      expect(localDay(at, zone)).toBe(naiveDay(at, zone));
    }),
    { numRuns: 2000 },
  );
  // Samoa went from the east to the west of the date line: it had no 30 December 2011.
  expect(localDay(new Date('2011-12-30T09:59:59Z'), 'Pacific/Apia')).toBe('2011-12-29');
  expect(localDay(new Date('2011-12-30T10:00:00Z'), 'Pacific/Apia')).toBe('2011-12-31');
});
