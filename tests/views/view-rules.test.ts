import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dataClasses, type PartnerKind } from '../../src/policy/index.ts';
import { readCatalogue, type RecordType, type SchemaNode } from '../../src/catalogue/index.ts';
import type { JsonSchema } from '../../src/projection/index.ts';
import { spellOut, type ViewBounds } from '../../src/views/view-rules.ts';
import { firstPolicy as policy } from '../support/first-policy.ts';

const catalogue = readCatalogue([]);

const bounds = (kind: PartnerKind, agreed: ViewBounds['agreed'] = dataClasses): ViewBounds => ({
  catalogue,
  policy,
  kind,
  agreed,
});
const draft = (properties: Record<string, unknown>) => ({ type: 'object', properties });
const withBusinessType = (): ViewBounds => {
  const type = catalogue.types.get('payment');
  if (!type) throw new Error('no payment');
  const schema: SchemaNode = {
    type: 'object',
    properties: {
      ...type.schema.properties,
      goods: { type: 'string', 'x-class': 'business' },
    },
  };
  const types = new Map([['payment', { ...type, schema }]]);
  return { ...bounds('referral'), catalogue: { types } };
};

test('promise P14: a referral view that reaches a business field is refused, at any depth, naming P14', () => {
  for (const payment of [true, { properties: { goods: true } }]) {
    const { problems } = spellOut(draft({ payment }), withBusinessType());
    expect(problems).toContainEqual(
      expect.objectContaining({ promise: 'P14', field: '/properties/payment/properties/goods' }),
    );
  }
});

test('promise P14: a referral view that names a business type is refused, naming P14', () => {
  const type = catalogue.types.get('payment');
  if (!type) throw new Error('no payment');
  const types = new Map([['order', { ...type, name: 'order', isBusiness: true }]]);
  const { problems } = spellOut(draft({ order: { properties: { amount: true } } }), {
    ...bounds('referral'),
    catalogue: { types },
  });
  expect(problems[0]).toMatchObject({ promise: 'P14', field: '/properties/order' });
});

test('promise P07: and promise P06: e-mail and additional details need a class that the agreement names', () => {
  const agreed = ['contact', 'billing'] as const;
  const { problems } = spellOut(draft({ customer: true }), bounds('referral', agreed));
  const promises = new Set(problems.map(({ promise }) => promise));
  expect(promises.has('P07')).toBe(true);
  expect(promises.has('P06')).toBe(true);
});

test('promise P09: unknown types and fields, open objects and unknown keywords are refused', () => {
  const table: [unknown, RegExp][] = [
    [undefined, /JSON Schema with properties/],
    [draft({}), /at least one record type/],
    [draft({ ghost: true }), /no such record type/],
    [draft({ invoice: { properties: { ghost: true } } }), /no such field/],
    [draft({ invoice: { properties: { toString: true } } }), /no such field/],
    [draft({ invoice: { properties: { __proto__: null, number: true } } }), /here stands true|^$/i],
    [draft({ invoice: { properties: { number: true }, additionalProperties: true } }), /closed/],
    [draft({ invoice: { properties: { number: { $ref: '#' } } } }), /keyword/],
    [draft({ invoice: { properties: { number: { type: 'integer' } } } }), /another type/],
    [draft({ invoice: { properties: {} } }), /lists the fields/],
    [draft({ invoice: false }), /true or a JSON Schema/],
    [{ ...draft({ invoice: true }), $dynamicRef: '#' }, /keyword/],
  ];
  for (const [view, words] of table) {
    const { problems } = spellOut(view, bounds('referral'));
    const told = problems.map(({ detail }) => detail).join(' ');
    expect([JSON.stringify(view), told]).toEqual([
      JSON.stringify(view),
      expect.stringMatching(words),
    ]);
  }
});

const dynamic: readonly (readonly [string, unknown])[] = [
  ['$ref', '#/properties/customer'],
  ['$dynamicRef', '#node'],
  ['$dynamicAnchor', 'node'],
  ['$defs', { open: true }],
  ['patternProperties', { '^(a+)+$': true }],
  ['propertyNames', { pattern: '(a|a)*b' }],
  ['unevaluatedProperties', true],
  ['unevaluatedItems', true],
  ['dependentSchemas', { number: true }],
  ['prefixItems', [true]],
  ['contains', true],
  ['if', true],
  ['then', true],
  ['else', true],
  ['allOf', [true]],
  ['anyOf', [true]],
  ['oneOf', [true]],
  ['not', {}],
  ['pattern', '^(a+)+$'],
  ['format', 'regex'],
  ['enum', ['x']],
  ['const', 'x'],
  ['default', 'x'],
  ['x-class', 'contact'],
];

test.each(dynamic)(
  'promise P09: the keyword %s is refused wherever it stands, with its place and the promise',
  (keyword, value) => {
    const word = { [keyword]: value };
    const places: [unknown, string][] = [
      [{ ...draft({ invoice: { properties: { number: true } } }), ...word }, ''],
      [draft({ invoice: { properties: { number: true }, ...word } }), '/properties/invoice'],
      [
        draft({ invoice: { properties: { number: { type: 'string', ...word } } } }),
        '/properties/invoice/properties/number',
      ],
      [
        draft({ invoice: { properties: { lines: { items: true, ...word } } } }),
        '/properties/invoice/properties/lines',
      ],
      [
        draft({
          invoice: { properties: { lines: { items: { properties: { amount: true }, ...word } } } },
        }),
        '/properties/invoice/properties/lines/items',
      ],
    ];
    for (const [view, place] of places) {
      const { problems } = spellOut(view, bounds('referral'));
      expect(problems).toEqual([
        { field: `${place}/${keyword}`, promise: 'P09', detail: expect.stringMatching(/keyword/) },
      ]);
    }
  },
);

test.each([[true], [{}], [{ type: 'string' }], [null], ['false']])(
  'promise P09: an object that is opened with additionalProperties %j is refused at any depth',
  (additionalProperties) => {
    const opened = { properties: { street: true }, additionalProperties };
    const view = draft({
      customer: { properties: { contact: { properties: { address: opened } } } },
    });
    expect(spellOut(view, bounds('referral')).problems).toEqual([
      {
        field: '/properties/customer/properties/contact/properties/address/additionalProperties',
        promise: 'P09',
        detail: 'A view is closed.',
      },
    ]);
  },
);

test('what is spelt out shows what was listed and nothing else, and spells out to itself', () => {
  const names = Object.keys(catalogue.types.get('invoice')?.schema.properties ?? {});
  fc.assert(
    fc.property(fc.subarray(names, { minLength: 1 }), (listed) => {
      const invoice = { properties: Object.fromEntries(listed.map((name) => [name, true])) };
      const { document, problems } = spellOut(draft({ invoice }), bounds('referral'));
      expect(problems).toEqual([]);
      const shown = Object.keys(document.properties['invoice']?.properties ?? {}).sort();
      expect(shown).toEqual([...new Set(['id', ...listed])].sort());
    }),
  );
});

const titled = { title: 'T', description: 'D' };
const refused = (view: unknown, within: ViewBounds = bounds('referral')) =>
  spellOut(view, within).problems;

test('what a view may say beside its fields changes nothing of it', () => {
  const plain = draft({
    invoice: {
      properties: { number: true, lines: { items: { properties: { quantity: true } } } },
    },
  });
  const worded = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'mine',
    ...titled,
    additionalProperties: false,
    ...draft({
      invoice: {
        $schema: 'x',
        $id: 'y',
        ...titled,
        type: 'object',
        additionalProperties: false,
        properties: {
          number: { ...titled, type: 'string' },
          lines: {
            ...titled,
            type: 'array',
            items: { ...titled, type: 'object', properties: { quantity: true } },
          },
        },
      },
    }),
  };
  const spelt = spellOut(worded, bounds('referral'));
  expect(spelt).toEqual({ ...spellOut(plain, bounds('referral')), problems: [] });
  const lines = catalogue.types.get('invoice')?.schema.properties['lines'] as unknown as JsonSchema;
  expect(spelt.document).toEqual({
    type: 'object',
    additionalProperties: false,
    properties: {
      invoice: {
        type: 'object',
        additionalProperties: false,
        properties: {
          id: expect.objectContaining({ 'x-refers-to': 'invoice' }) as unknown,
          number: expect.objectContaining({ 'x-class': 'billing' }) as unknown,
          lines: {
            type: 'array',
            maxItems: lines.maxItems,
            items: {
              type: 'object',
              additionalProperties: false,
              properties: { quantity: lines.items?.properties?.['quantity'] },
            },
          },
        },
      },
    },
  });
});

test('every problem tells its place, and the promise where one is broken', () => {
  const invoice = (properties: unknown, more = {}) => draft({ invoice: { properties, ...more } });
  const at = '/properties/invoice';
  const places: [unknown, string, string | undefined][] = [
    [null, '', undefined],
    [[], '', undefined],
    [{ properties: [] }, '', undefined],
    [{ ...invoice({ number: true }), $ref: '#' }, '/$ref', 'P09'],
    [{ ...invoice({ number: true }), 'a/b~c': 1 }, '/a~1b~0c', 'P09'],
    [draft({}), '/properties', undefined],
    [draft({ ghost: true }), '/properties/ghost', 'P09'],
    [draft({ 'a/b~c': true }), '/properties/a~1b~0c', 'P09'],
    [draft({ invoice: null }), at, undefined],
    [draft({ invoice: [] }), at, undefined],
    [invoice({ number: 'yes' }), `${at}/properties/number`, undefined],
    [invoice({ 'gho/st': true }), `${at}/properties/gho~1st`, 'P09'],
    [invoice({ number: true }, { type: 'array' }), `${at}/type`, undefined],
    [invoice({ number: { type: 'integer' } }), `${at}/properties/number/type`, undefined],
    [invoice({ number: { enum: [] } }), `${at}/properties/number/enum`, 'P09'],
    [invoice({ number: { properties: {} } }), `${at}/properties/number/properties`, 'P09'],
    [invoice({}), at, undefined],
    [invoice(7), at, undefined],
    [invoice({ number: true }, { patternProperties: {} }), `${at}/patternProperties`, 'P09'],
    [invoice({ number: true }, { additionalProperties: {} }), `${at}/additionalProperties`, 'P09'],
    [invoice({ lines: {} }), `${at}/properties/lines/items`, undefined],
    [invoice({ lines: { items: true, contains: {} } }), `${at}/properties/lines/contains`, 'P09'],
    [
      invoice({ lines: { items: { properties: { ghost: true } } } }),
      `${at}/properties/lines/items/properties/ghost`,
      'P09',
    ],
  ];
  for (const [view, field, promise] of places) {
    const told = refused(view).map((problem) => [problem.field, problem.promise]);
    expect([JSON.stringify(view), told]).toEqual([JSON.stringify(view), [[field, promise]]]);
  }
});

test('a wrong view shows nothing of what was refused', () => {
  const { document } = spellOut(
    draft({ ghost: true, payment: 1, invoice: { properties: { number: 1, ghost: true } } }),
    bounds('referral'),
  );
  expect(Object.keys(document.properties)).toEqual(['invoice']);
  expect(Object.keys(document.properties['invoice']?.properties ?? {})).toEqual(['id']);
  expect(spellOut('view', bounds('referral')).document).toEqual({
    type: 'object',
    additionalProperties: false,
    properties: {},
  });
});

/** A record type with a field of every kind that a view must stop at. */
function withFields(properties: Record<string, JsonSchema>, kind: PartnerKind = 'referral') {
  const type = catalogue.types.get('payment');
  if (!type) throw new Error('no payment');
  const schema = { type: 'object', properties } as unknown as RecordType['schema'];
  return { ...bounds(kind), catalogue: { types: new Map([['payment', { ...type, schema }]]) } };
}

test('promise P09: what never leaves and what has no class is refused, at any depth', () => {
  const within = withFields({
    card: { type: 'string', 'x-class': 'never' },
    unmarked: { type: 'string' },
    own: { type: 'string', 'x-class': 'reference' },
    list: { type: 'array', items: { type: 'string', 'x-class': 'never' } },
  });
  const at = '/properties/payment/properties';
  const never = { promise: 'P09', detail: 'This field never leaves.' };
  expect(refused(draft({ payment: true }), within)).toEqual([
    { field: `${at}/card`, ...never },
    { field: `${at}/unmarked`, ...never },
    { field: `${at}/list/items`, ...never },
  ]);
  const { document } = spellOut(draft({ payment: { properties: { own: true } } }), within);
  expect(document.properties['payment']?.properties).toEqual({
    own: { type: 'string', 'x-class': 'reference' },
  });
});

test('a class beyond the kind or the agreement is refused, and the sentence says which', () => {
  const within = (kind: PartnerKind, agreed: ViewBounds['agreed'] = dataClasses) => ({
    ...withFields(
      {
        goods: { type: 'string', 'x-class': 'business' },
        sum: { type: 'string', 'x-class': 'financial' },
      },
      kind,
    ),
    agreed,
  });
  const told = (...which: Parameters<typeof within>) =>
    refused(draft({ payment: true }), within(...which)).map(({ promise, detail }) => [
      promise,
      detail,
    ]);
  expect(told('referral')).toEqual([['P14', 'A referral partner never receives class business.']]);
  expect(told('integration')).toEqual([]);
  expect(told('integration', ['business', 'financial'])).toEqual([]);
  expect(told('integration', ['contact'])).toEqual([
    ['P14', 'No agreement in force names class business.'],
    ['P09', 'No agreement in force names class financial.'],
  ]);
});
