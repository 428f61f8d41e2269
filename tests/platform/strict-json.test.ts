import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../src/platform/refusal.ts';
import { readStrictJson, type JsonLimits } from '../../src/platform/strict-json.ts';

const limits: JsonLimits = { maxBytes: 100_000 };
const read = (text: string, more: Partial<JsonLimits> = {}) =>
  readStrictJson(Buffer.from(text), { ...limits, ...more });

function refusalOf(read: () => unknown): {
  code: string;
  line: number | undefined;
  detail: string;
} {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.kind.code, line: error.facts.line, detail: error.message };
  }
  return { code: 'accepted', line: undefined, detail: '' };
}

const texts = fc
  .string({ unit: 'grapheme' })
  .filter((text) => !/[\p{Surrogate}\p{Cc}]/u.test(text) && text !== '__proto__');
const plainJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(true, false, null),
    fc.maxSafeInteger().map((n) => n + 0),
    texts,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

test('what JSON.stringify writes of plain values is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(plainJson, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('whatever is read, JSON.parse reads in the same way', () => {
  const scraps = fc.constantFrom(
    '{', '}', '[', ']', ',', ':', '"', '"a"', '\\u0041', '\\ud83d\\ude00', '\\ud800', '\\n', '1',
    '-0', '0.5', '1e2', 'true', 'null', ' ', '\n', '\u0000', 'é', '[[[[', ']]]]', '{"a":', '9007199254740993',
  ); // prettier-ignore
  fc.assert(
    fc.property(fc.array(scraps, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      const { code } = refusalOf(() => read(text));
      if (code === 'accepted') expect(read(text)).toEqual(JSON.parse(text));
      else if (code === 'malformed-json') expect(() => JSON.parse(text) as unknown).toThrow();
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['', 'malformed-json', 1],
  ['{"a":1', 'malformed-json', 1],
  ['{"a":1}}', 'malformed-json', 1],
  ["{'a':1}", 'malformed-json', 1],
  ['[1,]', 'malformed-json', 1],
  ['[NaN]', 'malformed-json', 1],
  ['[01]', 'malformed-json', 1],
  ['[1] // a comment', 'malformed-json', 1],
  ['"a\nb"', 'malformed-json', 1],
  ['"\\x41"', 'malformed-json', 1],
  ['\uFEFF[]', 'byte-order-mark', 1],
  ['{\n "a": 1,\n "a": 2\n}', 'duplicate-key', 3],
  ['{"a":1,"\\u0061":2}', 'duplicate-key', 1],
  ['{"__proto__":{"a":1}}', 'forbidden-key', 1],
  ['"\\u0000"', 'control-character', 1],
  ['"\\r"', 'control-character', 1],
  ['{"\\u001f":1}', 'control-character', 1],
  ['"\\ud800"', 'lone-surrogate', 1],
  ['"\\udc00\\ud800"', 'lone-surrogate', 1],
  ['10.5', 'not-an-integer', 1],
  ['1.0', 'not-an-integer', 1],
  ['1e3', 'not-an-integer', 1],
  ['-0', 'not-an-integer', 1],
  ['1e400', 'not-an-integer', 1],
  ['9007199254740992', 'unsafe-integer', 1],
  ['[\r\n-9007199254740993]', 'unsafe-integer', 2],
  ['['.repeat(33) + ']'.repeat(33), 'too-deep', 1],
  ['['.repeat(20_000), 'too-deep', 1],
])('%j is refused as %s', (text, code, line) => {
  expect(refusalOf(() => read(text))).toMatchObject({ code, line });
});

test('32 levels, 1,000 members, a line feed, a tab and 2^53 − 1 are taken', () => {
  const deep = '['.repeat(32) + ']'.repeat(32);
  expect(read(deep)).toEqual(JSON.parse(deep));
  const wide = JSON.stringify(
    Object.fromEntries([...Array(1000).keys()].map((n) => [`k${String(n)}`, n])),
  );
  expect(read(wide)).toEqual(JSON.parse(wide));
  expect(read('["\\n\\t", 9007199254740991]')).toEqual(['\n\t', 9007199254740991]);
  expect(refusalOf(() => read(wide, { maxProperties: 999 })).code).toBe('too-many-properties');
});

test('a key such as "constructor" is an ordinary member', () => {
  expect(Object.entries(read('{"constructor":1,"toString":2}') as object)).toEqual([
    ['constructor', 1],
    ['toString', 2],
  ]);
});

test('decimals are taken only where they are allowed, and never beyond a double', () => {
  expect(read('[0.5,1e3,-2.5E-1]', { allowDecimals: true })).toEqual([0.5, 1000, -0.25]);
  for (const text of ['1e400', '9007199254740993', '1e16']) {
    expect(refusalOf(() => read(text, { allowDecimals: true })).code).toBe('unsafe-integer');
  }
});

test.each([
  ['a lone continuation byte', [0x22, 0x80, 0x22]],
  ['an overlong zero', [0x22, 0xc0, 0x80, 0x22]],
  ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['UTF-16', [0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00]],
])('%s is not UTF-8', (_, bytes) => {
  expect(refusalOf(() => readStrictJson(Uint8Array.from(bytes), limits)).code).toBe('not-utf8');
});

test('a text above the limit is refused before it is decoded', () => {
  expect(refusalOf(() => readStrictJson(Buffer.alloc(11, 0xff), { maxBytes: 10 })).code).toBe(
    'too-large',
  );
});

test('a refusal names line and column and never repeats the text', () => {
  const { detail } = refusalOf(() => read('{\n  "kéy": "sécret" 4111111111111111}'));
  expect(detail).toMatch(/line 2, column 19/);
  expect(detail).not.toMatch(/411|cret/);
});
