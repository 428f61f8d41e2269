import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../src/platform/refusal.ts';
import { dataClasses } from '../../src/policy/index.ts';
import { catalogueOf, readCatalogue } from '../../src/catalogue/index.ts';

type Schema = Record<string, unknown>;

const folder = mkdtempSync(join(tmpdir(), 'record-types-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let count = 0;

/** A folder of its own with these files. */
function folderOf(files: Record<string, unknown>): string {
  count += 1;
  const path = join(folder, String(count));
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(path, name), text);
  }
  return path;
}

const reference = (to: string) => ({
  type: 'string',
  minLength: 1,
  maxLength: 200,
  'x-class': 'reference',
  'x-refers-to': to,
});
const text = (fieldClass: string, more: Schema = {}) => ({
  type: 'string',
  maxLength: 100,
  'x-class': fieldClass,
  ...more,
});
const object = (properties: Schema, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

/** A sound business type, and the same with other members. */
function order(members: Schema = {}, head: Schema = {}): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    'x-class': 'business',
    'x-dated-by': 'orderedOn',
    ...object(
      {
        id: reference('order'),
        customer: reference('customer'),
        orderedOn: text('business', { format: 'date' }),
        ...members,
      },
      ['id', 'customer', 'orderedOn'],
    ),
    ...head,
  };
}

function problemsOf(files: Record<string, unknown>): string {
  try {
    readCatalogue([folderOf(files)]);
    return 'none';
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

test('promise P05: every field of every record type has its class and is required or optional', () => {
  const catalogue = readCatalogue([]);
  expect([...catalogue.types.keys()]).toEqual([
    'customer',
    'invoice',
    'payment',
    'refund',
    'service',
  ]);
  for (const type of catalogue.types.values()) {
    expect(type.isBusiness).toBe(false);
    expect(type.leaves.length).toBeGreaterThan(2);
    for (const leaf of type.leaves) {
      expect([...dataClasses, 'reference']).toContain(leaf.dataClass);
      expect(leaf.refersTo !== undefined).toBe(leaf.dataClass === 'reference');
    }
    for (const member of type.members) expect(typeof member.required).toBe('boolean');
  }
});

test('the catalogue tells members, dates and references', () => {
  const customer = catalogueOf({ recordTypesDir: undefined }).types.get('customer');
  expect(customer?.members).toEqual([
    { name: 'id', dataClass: 'reference', required: true },
    { name: 'contact', dataClass: 'contact', required: true },
    { name: 'email', dataClass: 'contact.email', required: false },
    { name: 'additional', dataClass: 'contact.additional', required: false },
    { name: 'account', dataClass: 'account', required: false },
    { name: 'financial', dataClass: 'financial', required: false },
    { name: 'billing', dataClass: 'billing', required: false },
  ]);
  expect(customer?.datedBy).toBeNull();
  expect(customer?.leaves).toContainEqual({
    path: ['email', 'people', '*', 'id'],
    dataClass: 'reference',
    refersTo: 'person',
  });
  const catalogue = readCatalogue([]);
  expect(catalogue.types.get('invoice')?.datedBy).toEqual({ member: 'issuedOn', kind: 'date' });
  expect(catalogue.types.get('payment')?.datedBy).toEqual({ member: 'settledAt', kind: 'instant' });
});

test('the operator declares business types, with contact data in a member of its own', () => {
  const shipTo = object({ name: text('contact'), city: text('contact') });
  const read = readCatalogue([
    folderOf({
      'order.json': order({
        shipTo,
        lines: { type: 'array', maxItems: 9, items: object({ n: text('business') }) },
      }),
      'track.json': order({
        id: reference('track'),
        order: reference('order'),
        secret: text('never'),
      }),
      'README.md': 'not a type',
    }),
  ]);
  const type = read.types.get('order');
  expect([...read.types.keys()]).toContain('track');
  expect(type?.isBusiness).toBe(true);
  expect(type?.members.find(({ name }) => name === 'shipTo')?.dataClass).toBe('contact');
  expect(type?.leaves).toContainEqual({ path: ['lines', '*', 'n'], dataClass: 'business' });
});

test('naming the folder that Sluice has adds nothing', () => {
  const own = new URL('../../schemas/records', import.meta.url).pathname;
  expect([...readCatalogue([own]).types.keys()]).toEqual([...readCatalogue([]).types.keys()]);
});

test.each([
  ['an unmarked leaf', order({ a: { type: 'string', maxLength: 9 } }), '/properties/a: the field carries no'],
  ['an unknown class', order({ a: text('secret') }), '/properties/a/x-class: "x-class" is one of'],
  ['a class above a leaf', order({ a: { ...object({}), 'x-class': 'business' } }), '/properties/a/x-class: only a leaf'],
  ['a class on a list', order({ a: { type: 'array', maxItems: 1, items: text('business'), 'x-class': 'business' } }), '/properties/a/x-class: only a leaf'],
  ['an open object', order({ a: { type: 'object', properties: {} } }), '/properties/a: "additionalProperties" must be false'],
  ['an object open to a schema', order({ a: { ...object({}), additionalProperties: text('business') } }), '"additionalProperties" must be false'],
  ['an object without properties', order({ a: { type: 'object', additionalProperties: false } }), '/properties/a: an object lists'],
  ['an open list', order({ a: { type: 'array', items: text('business') } }), '/properties/a: a list has "maxItems"'],
  ['a list of anything', order({ a: { type: 'array', maxItems: 2 } }), '/properties/a/items: a schema is a JSON object'],
  ['a list without end', order({ a: { type: 'array', items: text('business'), maxItems: 1e9 } }), '/properties/a: a list has "maxItems"'],
  ['a text without end', order({ a: { type: 'string', 'x-class': 'business' } }), '/properties/a: a text has "maxLength"'],
  ['a dangerous pattern', order({ a: text('business', { pattern: '^(a+)+$' }) }), '/properties/a/pattern: a repeated group'],
  ['an unknown format', order({ a: text('business', { format: 'email' }) }), '/properties/a/format: "format" is'],
  ['several types', order({ a: { type: ['string', 'null'] } }), '/properties/a/type: "type" is one of'],
  ['a decimal number', order({ a: { type: 'number', 'x-class': 'business' } }), '/properties/a/type: "type" is one of'],
  ...['$ref', '$dynamicRef', '$defs', 'allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'unevaluatedProperties', 'patternProperties', 'dependentSchemas', 'propertyNames', 'default', 'x-clas'].map(
    (word): [string, Schema, string] => [`the keyword ${word}`, order({ a: { ...object({}), [word]: {} } }), `/properties/a/${word}: the keyword is not allowed`],
  ),
  ['a keyword at the top', order({}, { allOf: [] }), '/allOf: the keyword is not allowed'],
  ['a keyword of lists on a text', order({ a: text('business', { maxItems: 1 }) }), '/properties/a/maxItems: the keyword'],
  ['a name of Object', order({ constructor: text('business') }), '/properties/constructor: a name has'],
  ['__proto__', JSON.stringify(order({ a: text('business') })).replace('"a"', '"__proto__"'), 'A key may not be called __proto__'],
  ['a name with a star', order({ '*': text('business') }), '/properties/*: a name has'],
  ['a name with a slash', order({ 'a/b': text('business') }), '/properties/a~1b: a name has'],
  ['a required field that is none', order({}, { required: ['id', 'customer', 'orderedOn', 'x'] }), '/required: "required" names'],
  ['a reference to nothing', order({ a: text('reference') }), '/properties/a: a reference, and nothing else'],
  ['a reference to an unknown type', order({ a: reference('parcel') }), '/properties/a: it refers to no record type'],
  ['a number as reference', order({ a: { type: 'integer', 'x-class': 'reference', 'x-refers-to': 'order' } }), '/properties/a/type: a reference is a string'],
  ['a class that refers', order({ a: text('business', { 'x-refers-to': 'order' }) }), '/properties/a: a reference, and nothing else'],
  ['two classes in one member', order({ a: object({ b: text('business'), c: text('contact') }) }), '/properties/a: a top-level member is of one class'],
  ['what never leaves beside what may', order({ a: object({ b: text('never'), c: text('contact') }) }), '/properties/a: a top-level member is of one class'],
  ['no customer', order({ customer: text('business') }), '"customer" is a required reference to customer'],
  ['an optional customer', order({}, { required: ['id', 'orderedOn'] }), '"customer" is a required reference to customer'],
  ['an id of another type', order({ id: reference('invoice') }), '"id" is a required reference to order'],
  ['a service that is text', order({ service: text('account') }), '/properties/service: "service" refers to service'],
  ['no date', order({}, { 'x-dated-by': undefined }), 'a business type says "x-dated-by"'],
  ['a date that is none', order({ orderedOn: text('business') }), '/x-dated-by: it names a required top-level member'],
  ['an optional date', order({}, { required: ['id', 'customer'] }), '/x-dated-by: it names a required top-level member'],
  ['no class at the top', order({}, { 'x-class': undefined }), 'a declared type says "x-class": "business"'],
  ['another class at the top', order({}, { 'x-class': 'billing' }), 'a declared type says "x-class": "business"'],
  ['another dialect', order({}, { $schema: 'http://json-schema.org/draft-07/schema#' }), '/$schema: the dialect is'],
  ['another $id', order({}, { $id: 'records/invoice' }), '/$id: "$id" is records/order'],
  ['no object', { ...text('business'), 'x-dated-by': 'a' }, 'a record type is a schema of an object'],
  ['no schema', '[]', 'a record type is a schema of an object'],
  ['broken JSON', '{"type": "object",\n}', 'line 2, column 1'],
  ['a key named twice', '{"type": "object", "type": "array"}', 'An object names one key twice'],
  ['a schema that ajv refuses', order({ a: text('business', { enum: [] }) }), 'enum'],
])('a type is refused for %s', (_, schema, problem) => {
  const found = problemsOf({ 'order.json': schema });
  expect(found).toContain('order.json');
  expect(found).toContain(problem);
}); // prettier-ignore

test('promise P06: no record type makes an additional detail required', () => {
  const extra = text('contact.additional');
  const cases: Schema[] = [
    order({ more: object({ fax: extra }, ['fax']) }),
    order({ fax: extra }, { required: ['id', 'customer', 'orderedOn', 'fax'] }),
    order({ more: object({ fax: extra }) }, { required: ['id', 'customer', 'orderedOn', 'more'] }),
    order({ list: { type: 'array', maxItems: 9, items: object({ fax: extra }, ['fax']) } }),
    order({ list: { type: 'array', minItems: 1, maxItems: 9, items: object({ fax: extra }) } }),
    order({ fax: { ...extra, minLength: 1 } }),
    order({ fax: { ...extra, pattern: '^[0-9]+$' } }),
    order({ fax: { ...extra, format: 'date' } }),
    order({ title: { ...extra, enum: ['Dr', 'Prof'] } }),
    order({ title: { ...extra, const: 'Dr' } }),
  ];
  for (const schema of cases) {
    expect(problemsOf({ 'order.json': schema })).toContain('(promise P06)');
  }
  const blank = { ...extra, enum: ['', 'Dr'] };
  expect(problemsOf({ 'order.json': order({ more: object({ fax: extra, title: blank }) }) })).toBe(
    'none',
  );
  for (const { leaves, members } of readCatalogue([]).types.values()) {
    for (const { path } of leaves.filter((leaf) => leaf.dataClass === 'contact.additional')) {
      expect(members.find(({ name }) => name === path[0])?.required).toBe(false);
    }
  }
});

test('all problems of all files are listed at once', () => {
  const found = problemsOf({
    'invoice.json': order(),
    'order.json': order({ a: { type: 'string' }, b: { type: 'object', properties: {} } }),
    'Bad Name.json': order({ id: reference('order') }),
    'track.json': '{',
  });
  expect(found.split('\n').length).toBeGreaterThanOrEqual(5);
  for (const part of [
    '"invoice" is declared by Sluice itself',
    '/properties/a',
    '/properties/b',
    'Bad Name',
    'track.json',
  ]) {
    expect(found).toContain(part);
  }
});

test('a type in two folders and a folder that is not there are refused', () => {
  const [one, two] = [folderOf({ 'order.json': order() }), folderOf({ 'order.json': order() })];
  expect(() => readCatalogue([one, two])).toThrow('declared by another folder');
  expect(() => readCatalogue([join(folder, 'absent')])).toThrow('the folder cannot be read');
});

test('whatever a file says, it is taken or refused, and nothing else happens', () => {
  const word = fc.constantFrom('type', 'properties', 'required', 'items', 'x-class', 'x-refers-to', 'x-dated-by', 'additionalProperties', 'enum', 'const', 'pattern', 'maxLength', 'id', 'customer', 'format'); // prettier-ignore
  const leaf = fc.constantFrom<unknown>('object', 'array', 'string', 'integer', 'reference', 'business', 'contact.additional', 'order', false, true, null, 1, -1, '^a$', 'date'); // prettier-ignore
  const schemas = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('node'), { maxLength: 2 }), tie('object')),
    object: fc.dictionary(word, tie('node'), { maxKeys: 6, noNullPrototype: true }),
  })).node;
  const path = folderOf({ 'order.json': order() });
  fc.assert(
    fc.property(schemas, fc.boolean(), (part, isHead) => {
      const schema = isHead ? part : order({ a: part });
      writeFileSync(join(path, 'order.json'), JSON.stringify(schema));
      try {
        expect(readCatalogue([path]).types.has('order')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
    { numRuns: 50 },
  );
});
