import { roundFraction, type Rounding } from '../platform/rounding.ts';

/** A percentage as an exact fraction: percent = numerator ÷ denominator. */
export interface Rate {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Reads a rate in percent from a decimal string such as "12.5": at most 6 decimals, not negative.
 * Throws RangeError for any other text, so that no float ever becomes a rate.
 */
export function parseRate(text: string): Rate {
  const match = /^(0|[1-9]\d{0,8})(?:\.(\d{1,6}))?$/.exec(text);
  if (!match) {
    throw new RangeError(`"${text}" is not a rate in percent with at most 6 decimals.`);
  }
  const decimals = match[2] ?? '';
  return {
    numerator: BigInt(`${match[1] ?? ''}${decimals}`),
    denominator: 10n ** BigInt(decimals.length),
  };
}

/**
 * The fee of one payment: round(base × rate ÷ 100), in the base's minor units.
 * A base of 0 or less earns nothing.
 */
export function percentFee(baseMinor: bigint, rate: Rate, rounding: Rounding): bigint {
  if (baseMinor <= 0n) return 0n;
  return roundFraction(baseMinor * rate.numerator, rate.denominator * 100n, rounding);
}

/**
 * What must be reversed now on a line of `feeMinor`, given the refunds of its payment so far:
 * round(fee × min(1, refunded ÷ paid)) less what was reversed before. A full refund reverses the
 * line exactly, at the rate that line earned. All in minor units of one currency; throws RangeError
 * when `paidMinor` is not positive or `refundedMinor` is negative.
 */
export function reversalDue(
  line: { feeMinor: bigint; paidMinor: bigint; refundedMinor: bigint; reversedMinor: bigint },
  rounding: Rounding,
): bigint {
  const { feeMinor, paidMinor, refundedMinor, reversedMinor } = line;
  if (refundedMinor < 0n) throw new RangeError('The refunded amount must not be negative.');
  const refunded = refundedMinor < paidMinor ? refundedMinor : paidMinor;
  return roundFraction(feeMinor * refunded, paidMinor, rounding) - reversedMinor;
}
