import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PartnerKind, Policy } from '../../src/policy/index.ts';
import { readCatalogue, type SchemaNode } from '../../src/catalogue/index.ts';
import { spellOut, type ViewBounds } from '../../src/views/view-rules.ts';

const catalogue = readCatalogue([]);
const policy = JSON.parse(readFileSync('schemas/policy/2026-1.json', 'utf8')) as Policy;
const bounds = (kind: PartnerKind, agreed?: ViewBounds['agreed']): ViewBounds => ({
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
