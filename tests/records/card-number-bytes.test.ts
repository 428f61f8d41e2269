import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdsCardNumber, mayHoldCardNumber } from '../../src/records/index.ts';

test('promise P19: no text that holds a card number passes the look at the bytes', () => {
  const digit = fc.constantFrom('0', '1', '2', '3', '4', '5', '7', '8', '9', '٤', '𝟒', '４');
  const between = fc.constantFrom('', ' ', '-', '\u00a0', '\u200b', '\u2011', '\t');
  const number = fc.constantFrom('4111111111111111', '378282246310005', '5555555555554444');
  const written = fc
    .tuple(number, fc.integer({ min: 3, max: 6 }), between, fc.boolean())
    .map(([digits, size, gap, isWide]) => {
      const groups = digits.match(new RegExp(`.{2,${size}}`, 'g')) ?? [];
      const text = groups.join(gap);
      return isWide ? text.replaceAll(/\d/g, (one) => '０１２３４５６７８９'[Number(one)]!) : text;
    });
  const anything = fc.array(fc.oneof(digit, between), { maxLength: 30 }).map((all) => all.join(''));
  let held = 0;
  fc.assert(
    fc.property(
      fc.oneof(written, anything, fc.string({ unit: 'binary', maxLength: 12 })),
      (text) => {
        if (holdsCardNumber(text)) {
          held += 1;
          expect(mayHoldCardNumber(Buffer.from(JSON.stringify({ text })))).toBe(true);
        }
      },
    ),
    { numRuns: 2000 },
  );
  expect(held).toBeGreaterThan(200);
});
