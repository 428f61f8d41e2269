import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromBase64, fromBase64Url } from '../../src/notes/encoding-rules.ts';

const letters = Array.from('AQgwz09+/-_= \n');
const text = fc.array(fc.constantFrom(...letters), { maxLength: 9 }).map((some) => some.join(''));

test.each([
  ['base64', fromBase64],
  ['base64url', fromBase64Url],
] as const)('%s has one text for each value, and no text has two', (encoding, read) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      expect(Buffer.from(read(Buffer.from(bytes).toString(encoding)) ?? [])).toEqual(
        Buffer.from(bytes),
      );
    }),
  );
  fc.assert(
    fc.property(text, (some) => {
      const isStrict = some !== '' && Buffer.from(some, encoding).toString(encoding) === some;
      expect(read(some) !== undefined).toBe(isStrict);
    }),
    { numRuns: 5_000 },
  );
});
