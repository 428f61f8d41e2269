import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exactFee, parseRate, roundExact } from '../../src/earnings/fee-rules.ts';
import { accrue } from '../../src/earnings/index.ts';
import { roundFraction } from '../../src/platform/rounding.ts';
import { payment, refund, sources, version } from './given-fees.ts';

const amount = fc.bigInt({ min: 1n, max: 10n ** 15n });

describe('rates and fees', () => {
  test('a rate is an exact fraction; what is not a decimal of at most 6 places is refused', () => {
    expect(parseRate('12.5')).toEqual({ numerator: 125n, denominator: 10n });
    for (const bad of ['', '-1', '1e2', '.5', '1.', '01', '1.1234567', ' 1', 'NaN', '1,5']) {
      expect(() => parseRate(bad)).toThrow(RangeError);
    }
  });

  test('a half goes to the even unit, or away from zero, or is cut, as named', () => {
    for (const [rest, even, up, down] of [
      [5n, 0n, 1n, 0n],
      [15n, 2n, 2n, 1n],
      [25n, 2n, 3n, 2n],
      [-5n, 0n, -1n, 0n],
      [-25n, -2n, -3n, -2n],
    ] as const) {
      expect(roundFraction(rest, 10n, 'half-even')).toBe(even);
      expect(roundFraction(rest, 10n, 'half-up')).toBe(up);
      expect(roundFraction(rest, 10n, 'down')).toBe(down);
    }
  });

  test('rounding is never further than half a unit from the exact fraction', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.bigInt(1n, 10n ** 6n), (n, d) => {
        for (const rounding of ['half-even', 'half-up'] as const) {
          const twiceOff = 2n * (roundFraction(n, d, rounding) * d - n);
          if (twiceOff > d || twiceOff < -d) return false;
        }
        return true;
      }),
    );
  });

  test('12.5 % of 0.99 is 0.12375, rounded to 0.12', () => {
    expect(exactFee(99n, '12.5')).toBe(1_237_500_000n);
    expect(roundExact(exactFee(99n, '12.5'), 'half-even')).toBe(12n);
  });

  test('refunds in any pieces reverse a line exactly, never more', () => {
    fc.assert(
      fc.property(amount, fc.array(amount, { maxLength: 8 }), (amountMinor, pieces) => {
        const lines = accrue(
          sources({
            agreements: [version({ ratePercent: '33.33' })],
            payments: [payment('p', '2026-07-10T10:00:00Z', { amountMinor })],
            refunds: [...pieces, amountMinor].map((piece, i) =>
              refund(`r${i}`, 'p', `2026-08-10T10:00:0${i}Z`, { amountMinor: piece }),
            ),
          }),
        );
        expect(lines.reduce((left, { feeMinor }) => left + feeMinor, 0n)).toBe(0n);
        for (const { kind, feeMinor } of lines) {
          if (kind === 'reversal') expect(feeMinor).toBeLessThanOrEqual(0n);
        }
      }),
    );
  });

  test('a denominator of 0 is refused', () => {
    expect(() => roundFraction(1n, 0n, 'half-even')).toThrow(RangeError);
  });
});
