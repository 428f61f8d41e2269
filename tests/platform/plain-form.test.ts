import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { plainFormOf } from '../../src/platform/plain-form.ts';

const id = { type: 'string', pattern: '^[a-z]{3}_[A-Za-z0-9_-]{22}$' };
const closed = (properties: Record<string, unknown>, more = {}) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const wire = closed(
  {
    id,
    name: { type: 'string' },
    total: closed({ amount: { type: 'integer' }, isPaid: { type: 'boolean' } }),
    lines: { type: 'array', items: closed({ id, text: { type: 'string' } }) },
    notes: { type: 'array', items: { type: 'string' } },
  },
  { required: ['id'] },
);
const page = closed(
  {
    data: { type: 'array', items: wire },
    next: { anyOf: [{ type: 'null' }, { type: 'string' }] },
  },
  { required: ['data', 'next'] },
);
const isPlainPage = plainFormOf(page)!;
const isPlainRecord = plainFormOf(wire)!;
const validate = new Ajv2020().compile(page);

const someText = fc.string({ unit: 'binary', maxLength: 12 });
const someId = fc.constant('cus_AB3rV7kYlAod1L-jyBpGWQ');
const someRecord = fc.record(
  {
    id: someId,
    name: someText,
    total: fc.record(
      { amount: fc.integer(), isPaid: fc.boolean() },
      { requiredKeys: [], noNullPrototype: true },
    ),
    lines: fc.array(
      fc.record({ id: someId, text: someText }, { requiredKeys: [], noNullPrototype: true }),
      { maxLength: 3 },
    ),
    notes: fc.array(someText, { maxLength: 3 }),
  },
  { requiredKeys: ['id'], noNullPrototype: true },
);
const somePage = fc.record(
  { data: fc.array(someRecord, { maxLength: 4 }), next: fc.option(someText) },
  { noNullPrototype: true },
);

test('every page as we write it is plainly of its form, unless it needs a \\u escape', () => {
  fc.assert(
    fc.property(somePage, (value) => {
      const text = JSON.stringify(value);
      expect(isPlainPage(Buffer.from(text))).toBe(!text.includes('\\u'));
    }),
  );
});

test('what is plainly of the form is valid by the schema, however a page was broken', () => {
  const piece = fc.constantFrom(
    ...['', ',', '"', '{', '}', '[', ']', ':', '\\', '1', '-', 'null', 'true', '\n', ' '],
    ...['"id":', '"name":', '"other":"x",', '"name":"x",', '{}', ',{}', '\\u0041', '1.5', '1e9'],
  );
  const cut = fc.record({ at: fc.nat(), length: fc.nat({ max: 12 }), piece });
  fc.assert(
    fc.property(somePage, fc.array(cut, { minLength: 1, maxLength: 3 }), (value, cuts) => {
      let text = JSON.stringify(value);
      for (const { at, length, piece: put } of cuts) {
        const from = at % (text.length + 1);
        text = text.slice(0, from) + put + text.slice(from + length);
      }
      if (isPlainPage(Buffer.from(text))) expect(validate(JSON.parse(text))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  '{"data":[{"name":"no id"}],"next":null}',
  '{"data":[{"id":"cus_AB3rV7kYlAod1L-jyBpGWQ","secret":"x"}],"next":null}',
  '{"data":[{"id":"cus_AB3rV7kYlAod1L-jyBpGWQ","name":"x","name":"y"}],"next":null}',
  '{"data":[{"id":"cus_AB3rV7kYlAod1L-jyBpGWQ"},],"next":null}',
  '{"data":[{"id":"cus_AB3rV7kYlAod1L-jyBpGWQ"}{"id":"cus_AB3rV7kYlAod1L-jyBpGWQ"}],"next":null}',
  '{"data":[],"next":null,"more":1}',
  '{"data":[],"next":1}',
  '{"data":[]}',
  '{"data":[],"next":null} ',
])('%s is not plainly of the form', (text) => {
  expect(isPlainPage(Buffer.from(text))).toBe(false);
});

test('a record that stands alone is held to its form as well', () => {
  const record = '{"id":"cus_AB3rV7kYlAod1L-jyBpGWQ","name":"\\"x\\""}';
  expect(isPlainRecord(Buffer.from(record))).toBe(true);
  expect(isPlainRecord(Buffer.from(`${record},`))).toBe(false);
  expect(isPlainRecord(Buffer.from('{"name":"x"}'))).toBe(false);
});

test('a schema with anything that is not compiled has no plain form', () => {
  expect(plainFormOf({ ...wire, minProperties: 1 })).toBeUndefined();
  expect(plainFormOf({ type: 'object', properties: { id } })).toBeUndefined();
  expect(plainFormOf(closed({ id, name: { type: 'string' } }, { required: ['name'] }))).toBe(
    undefined,
  );
  expect(plainFormOf(closed({ day: { type: 'string', pattern: '^a.c$' } }))).toBeUndefined();
});
