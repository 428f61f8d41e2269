import { currencyDecimals } from './currencies.ts';
import { Refusal, type RefusalKind } from './refusal.ts';

const kind = (code: string, title: string): RefusalKind => ({ code, status: 422, title });
export const UnknownCurrency = kind(
  'unknown-currency',
  'The currency is not one that ISO 4217 lists with minor units.',
);
export const NotAnAmount = kind(
  'not-an-amount',
  'An amount is written in plain digits with at most one decimal point, such as 1234.50.',
);
export const TooManyDecimals = kind(
  'too-many-decimals',
  'The amount has more decimals than its currency.',
);
export const AmountTooLarge = kind(
  'amount-too-large',
  'The amount is beyond 2^53 − 1 minor units.',
);

/** The largest amount in minor units: what a JSON number holds exactly. */
const largestMinor = 2n ** 53n - 1n;

/**
 * The exact minor units of a decimal text such as "-12.5" in an ISO 4217 currency. Throws a Refusal
 * for an unknown currency, any other form (exponent, blank, plus, leading zero, separators), more
 * decimals than the currency has (half a cent is nobody's), and amounts beyond 2^53 − 1.
 */
export function minorUnits(text: string, currency: string): bigint {
  const decimals = decimalsOf(currency);
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (!match) throw new Refusal(NotAnAmount);
  const [, sign, whole = '', part = ''] = match;
  if (part.length > decimals) throw new Refusal(TooManyDecimals);
  // BigInt of a very long text would take long: nothing above 16 digits can be small enough.
  if (whole.length > 16) throw new Refusal(AmountTooLarge);
  const size = BigInt(whole + part.padEnd(decimals, '0'));
  if (size > largestMinor) throw new Refusal(AmountTooLarge);
  return sign === '-' ? -size : size;
}

/** The decimal text of an amount in minor units, with exactly the decimals of its ISO 4217 currency. */
export function minorText(minor: bigint, currency: string): string {
  const decimals = decimalsOf(currency);
  const size = minor < 0n ? -minor : minor;
  const digits = String(size).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const part = digits.slice(digits.length - decimals);
  return `${minor < 0n ? '-' : ''}${whole}${decimals === 0 ? '' : `.${part}`}`;
}

function decimalsOf(currency: string): number {
  const decimals = currencyDecimals(currency);
  if (decimals === undefined) throw new Refusal(UnknownCurrency);
  return decimals;
}
