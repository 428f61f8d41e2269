import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { currencyCodes, currencyDecimals } from '../../src/platform/currencies.ts';
import { minorText, minorUnits } from '../../src/platform/money.ts';
import { Refusal } from '../../src/platform/refusal.ts';

const largest = 2n ** 53n - 1n;
const currencies = fc.constantFrom(...currencyCodes);
const amounts = fc.bigInt({ min: -largest, max: largest });

test('an amount goes to text and back unchanged, in every currency', () => {
  fc.assert(
    fc.property(amounts, currencies, (minor, currency) => {
      const text = minorText(minor, currency);
      expect(minorUnits(text, currency)).toBe(minor);
      expect(text.split('.')[1]?.length ?? 0).toBe(currencyDecimals(currency));
    }),
  );
});

test('one decimal more than the currency has is refused, even a zero', () => {
  fc.assert(
    fc.property(amounts, currencies, fc.nat(9), (minor, currency, digit) => {
      const text = minorText(minor, currency);
      const longer = `${text}${currencyDecimals(currency) === 0 ? '.' : ''}${String(digit)}`;
      expect(codeOf(longer, currency)).toBe('too-many-decimals');
    }),
  );
});

test('minor units are the decimal text times ten to the decimals, for any text of digits', () => {
  const decimal = fc.tuple(
    fc.nat(1_000_000),
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), maxLength: 2 }),
  );
  fc.assert(
    fc.property(decimal, ([whole, part]) => {
      const text = part === '' ? String(whole) : `${String(whole)}.${part}`;
      const cents = BigInt(whole) * 100n + BigInt(part.padEnd(2, '0'));
      expect(minorUnits(text, 'EUR')).toBe(cents);
      expect(minorUnits(`-${text}`, 'EUR')).toBe(-cents);
    }),
  );
});

test.each([
  ['0.005', 'USD', 'too-many-decimals'],
  ['1.5', 'JPY', 'too-many-decimals'],
  ['1e3', 'USD', 'not-an-amount'],
  ['1,50', 'EUR', 'not-an-amount'],
  ['1.234,56', 'EUR', 'not-an-amount'],
  ['1,234.56', 'USD', 'not-an-amount'],
  [' 1', 'USD', 'not-an-amount'],
  ['1 ', 'USD', 'not-an-amount'],
  ['', 'USD', 'not-an-amount'],
  ['-', 'USD', 'not-an-amount'],
  ['+1', 'USD', 'not-an-amount'],
  ['01', 'USD', 'not-an-amount'],
  ['.5', 'USD', 'not-an-amount'],
  ['5.', 'USD', 'not-an-amount'],
  ['NaN', 'USD', 'not-an-amount'],
  ['Infinity', 'USD', 'not-an-amount'],
  ['0x10', 'USD', 'not-an-amount'],
  ['١', 'USD', 'not-an-amount'],
  ['1\n', 'USD', 'not-an-amount'],
  ['90071992547409.92', 'USD', 'amount-too-large'],
  ['-90071992547409.92', 'USD', 'amount-too-large'],
  ['9'.repeat(100_000), 'USD', 'amount-too-large'],
  ['1', 'usd', 'unknown-currency'],
  ['1', 'US', 'unknown-currency'],
  ['1', 'XXX', 'unknown-currency'],
  ['1', 'XAU', 'unknown-currency'],
  ['1', 'EU€', 'unknown-currency'],
  ['1', 'DEM', 'unknown-currency'],
  ['1', 'constructor', 'unknown-currency'],
])('%.30s %s is refused as %s', (text, currency, code) => {
  expect(codeOf(text, currency)).toBe(code);
});

test('the known answers', () => {
  expect(minorUnits('440.00', 'USD')).toBe(44000n);
  expect(minorUnits('0.99', 'EUR')).toBe(99n);
  expect(minorUnits('5', 'BHD')).toBe(5000n);
  expect(minorUnits('-0', 'JPY')).toBe(0n);
  expect(minorUnits('90071992547409.91', 'USD')).toBe(largest);
  expect(minorText(-5n, 'EUR')).toBe('-0.05');
  expect(minorText(1234n, 'JPY')).toBe('1234');
  expect(minorText(1n, 'CLF')).toBe('0.0001');
});

function codeOf(text: string, currency: string): string {
  try {
    minorUnits(text, currency);
    return 'accepted';
  } catch (error) {
    if (error instanceof Refusal) return error.kind.code;
    throw error;
  }
}
