import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdsCardNumber } from '../../src/records/index.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

/** Issuers once more, as prefixes written out and lengths: an oracle that shares no code. */
const issuers = fc.constantFrom<[string, number]>(
  ['4', 13], ['4', 16], ['4', 19], ['51', 16], ['55', 16], ['2221', 16], ['2720', 16], ['34', 15],
  ['37', 15], ['6011', 16], ['6011', 19], ['644', 16], ['649', 17], ['65', 18], ['300', 14],
  ['305', 19], ['36', 14], ['38', 16], ['39', 15], ['3528', 16], ['3589', 19], ['62', 16], ['62', 19],
  ['50', 12], ['56', 19], ['69', 13],
); // prettier-ignore
const digits = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789')),
    minLength: length,
    maxLength: length,
  });
const cardNumbers = issuers.chain(([prefix, length]) =>
  digits(length - prefix.length - 1).map((middle) => withCheckDigit(prefix + middle)),
);

function withCheckDigit(begin: string): string {
  for (const digit of '0123456789') if (luhn(begin + digit)) return begin + digit;
  throw new Error('one of ten check digits is always right');
}

function luhn(number: string): boolean {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const weighed = Array.from(number)
    .reverse()
    .map((digit, i) => (i % 2 === 1 ? (doubled[Number(digit)] ?? 0) : Number(digit)));
  return weighed.reduce((sum, digit) => sum + digit, 0) % 10 === 0;
}

const separators = fc.constantFrom(
  ' ',
  '-',
  '\u00a0',
  '\u202f',
  '\u2011',
  '\u2013',
  '\uff0d',
  '\u2212',
);
const befores = fc.constantFrom('', ' ', 'card: ', 'Nr. 7, ', '(', '"', '\n', '/', '#', '…');
const afters = fc.constantFrom('', ' ', ' exp 12/29', ')', '"', '. ', ', ', '\n', '/', '…');
const disguises = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => inScript(text, 0xff10),
  (text) => inScript(text, 0x0660),
  (text) => inScript(text, 0x0966),
  (text) => inScript(text, 0x1d7e2),
  (text) => Array.from(text).join('\u200b'),
  (text) => Array.from(text).join('\u00ad'),
  (text) => text.replaceAll(/[0-9]/g, (digit) => `${digit}\ufe0f\u20e3`),
);
const inScript = (text: string, zero: number) =>
  text.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(zero + Number(digit)));

/** Cuts a number into groups of 2 to 6 digits. */
const grouped = (number: string) =>
  fc.infiniteStream(fc.nat(100)).map((sizes) => {
    const groups: string[] = [];
    let rest = number;
    while (rest !== '') {
      const most = Math.min(6, rest.length);
      const fits = [2, 3, 4, 5, 6].filter((size) => size <= most && rest.length - size !== 1);
      const size = fits[(sizes.next().value ?? 0) % fits.length] ?? 2;
      groups.push(rest.slice(0, size));
      rest = rest.slice(size);
    }
    return groups;
  });

test('promise P19: a card number is found in one run, in whatever script and among whatever text', () => {
  fc.assert(
    fc.property(cardNumbers, disguises, befores, afters, (number, disguise, before, after) => {
      expect(holdsCardNumber(before + disguise(number) + after)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('promise P19: a card number is found in groups of 2 to 6 with single blanks or hyphens', () => {
  const cases = cardNumbers.chain((number) => fc.tuple(grouped(number), separators, disguises));
  fc.assert(
    fc.property(cases, befores, afters, ([groups, separator, disguise], before, after) => {
      expect(holdsCardNumber(before + disguise(groups.join(separator)) + after)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a number whose check digit is wrong is no card number', () => {
  fc.assert(
    fc.property(cardNumbers, fc.integer({ min: 1, max: 9 }), (number, by) => {
      const last = (Number(number.at(-1)) + by) % 10;
      expect(holdsCardNumber(number.slice(0, -1) + String(last))).toBe(false);
    }),
  );
});

test('a number within a longer run of letters or digits is no card number', () => {
  const more = fc.constantFrom('a', 'Z', 'é', '字');
  fc.assert(
    fc.property(cardNumbers, more, (number, letter) => {
      expect(holdsCardNumber(letter + number)).toBe(false);
      expect(holdsCardNumber(number + letter)).toBe(false);
    }),
  );
});

test.each([
  ['4111 1111 1111 1111', true],
  ['4111-1111-1111-1111', true],
  ['5555555555554444', true],
  ['378282246310005', true],
  ['3782 822463 10005', true],
  ['6011 1111 1111 1117', true],
  ['30569309025904', true],
  ['3530111333300000', true],
  ['6200000000000005', true],
  ['my card is 4242424242424242, thanks', true],
  ['12 4111 1111 1111 1111', true],
  ['4111 1111 1111 1111 12', true],
  ['4111\t1111\t1111\t1111', true],
  ['4111  1111 1111 1111', false],
  ['4111.1111.1111.1111', false],
  ['4111\n1111\n1111\n1111', false],
  ['4 111 111 111 111 111', false],
  ['4111 1111 1111 1112', false],
  ['1111 1111 1111 1117', false],
  ['00000000000000000000', false],
  ['41111111111111111111', false],
  ['+55 (12) 3923-5555', false],
  ['0921-12 34 65', false],
  ['2026-11-22T12:00:00.000000Z', false],
  ['DE89 3704 0044 0532 0130 00', false],
  ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', false],
  ['', false],
])('%j: %s', (text, holds) => {
  expect(holdsCardNumber(text)).toBe(holds);
});

test('a long text of digits and blanks is read in little time', () => {
  const parts = ['1 ', '11 ', '-', '4', '111111 ', '١'];
  const spent = cpuMsOf(() => {
    for (const part of parts) holdsCardNumber(part.repeat(50_000));
  });
  expect(spent).toBeLessThan(10_000);
});
