import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDeclaration } from '../../src/catalogue/catalogue-rules.ts';
import { catalogueOf, compileShape, type RecordType } from '../../src/catalogue/index.ts';
import type { SchemaNode } from '../../src/catalogue/record-type.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { cutRecord } from '../../src/joint/joint-rules.ts';
import { columnOf, type JointRecord } from '../../src/joint/joint.ts';
import { dataClasses, readPolicy, type DataClass } from '../../src/policy/index.ts';
import { customerIdOf, serviceIdOf, type HeldRecord } from '../../src/records/index.ts';
import { recordIdOf } from '../../src/records/record.ts';
import { readPage } from '../../src/sharing/page-store.ts';
import { compileView, narrowType, projectRecord } from '../../src/projection/index.ts';
import type { JsonSchema, ViewDocument } from '../../src/projection/index.ts';
import { givenPartner, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

/** A type with everything that a projection can meet: lists in lists, objects in both, odd names. */
const nested = {
  'x-class': 'business',
  'x-dated-by': 'madeOn',
  type: 'object',
  additionalProperties: false,
  required: ['id', 'customer', 'madeOn'],
  properties: {
    id: { type: 'string', maxLength: 50, 'x-class': 'reference', 'x-refers-to': 'nested' },
    customer: { type: 'string', maxLength: 50, 'x-class': 'reference', 'x-refers-to': 'customer' },
    madeOn: { type: 'string', format: 'date', maxLength: 10, 'x-class': 'business' },
    isDone: { type: 'boolean', 'x-class': 'business' },
    tags: {
      type: 'array',
      maxItems: 9,
      items: { type: 'string', maxLength: 50, 'x-class': 'business' },
    },
    'deep-er_1': {
      type: 'object',
      additionalProperties: false,
      properties: {
        count: { type: 'integer', 'x-class': 'business' },
        parts: {
          type: 'array',
          maxItems: 9,
          items: {
            type: 'object',
            additionalProperties: false,
            properties: {
              service: {
                type: 'string',
                maxLength: 50,
                'x-class': 'reference',
                'x-refers-to': 'service',
              },
              note: { type: 'string', maxLength: 50, 'x-class': 'business' },
              inner: {
                type: 'object',
                additionalProperties: false,
                properties: {
                  a: { type: 'string', maxLength: 50, 'x-class': 'business' },
                  b: { type: 'integer', 'x-class': 'business' },
                },
              },
              list: {
                type: 'array',
                maxItems: 9,
                items: {
                  type: 'object',
                  additionalProperties: false,
                  properties: {
                    x: { type: 'boolean', 'x-class': 'business' },
                    y: { type: 'string', maxLength: 50, 'x-class': 'business' },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

let house: House;
let partner: GivenPartner;
let types: RecordType[];

beforeAll(async () => {
  house = await openHouse();
  partner = await givenPartner(house.tools, {
    key: 'linked',
    kind: 'integration',
    classes: ['contact', 'account', 'business'],
    purposes: ['integration'],
    view: { customer: { properties: { contact: true } } },
  });
  const known = catalogueOf(house.tools.settings).types;
  const names = new Set([...known.keys(), 'nested']);
  const declared = readDeclaration({ name: 'nested', isBusiness: true, schema: nested }, names);
  if (!('type' in declared)) throw new Error(JSON.stringify(declared.problems));
  const ofCustomers = [...known.values()].filter(({ name }) => name !== 'service');
  types = [...ofCustomers, declared.type];
});
afterAll(() => house.close());

const texts = fc.oneof(
  fc.constantFrom('', '"', '\\', '},{', '","id":"', '\n\t', '🦆', "''", '$1', 'null'),
  fc.string({
    maxLength: 20,
    unit: fc.constantFrom('a', '"', '\\', '/', '{', '}', '[', ']', ',', ':', ' ', 'é'),
  }),
);

/** A value that the catalogue takes at this place. */
function valueOf(node: SchemaNode, isOptional = true): fc.Arbitrary<unknown> {
  if (node.type === 'object') {
    const parts = Object.entries(node.properties).map(([name, part]) => {
      const isRequired = node.required?.includes(name) ?? false;
      const value = valueOf(part, !isRequired);
      return [name, isRequired ? value : fc.option(value, { nil: undefined })] as const;
    });
    return fc.record(Object.fromEntries(parts)).map((value) =>
      // The order of a source is its own.
      Object.fromEntries(
        Object.entries(value)
          .filter(([, one]) => one !== undefined)
          .reverse(),
      ),
    );
  }
  if (node.type === 'array') return fc.array(valueOf(node.items), { maxLength: 3 });
  if (node.type === 'boolean') return fc.boolean();
  if (node.type === 'integer') return fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const {
    format,
    pattern,
    enum: some,
    'x-class': dataClass,
  } = node as unknown as {
    format?: string;
    pattern?: string;
    enum?: string[];
    'x-class': string;
  };
  if (some) return fc.constantFrom(...some);
  if (format === 'date') return fc.constantFrom('2026-01-31', '1999-12-31');
  if (format === 'date-time') return fc.constant('2026-01-31T00:00:00.5+01:00');
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern), { maxLength: 12 });
  return dataClass === 'reference' || !isOptional ? fc.constantFrom('k1', 'k2') : texts;
}

/** Any part of what the catalogue has, as a view lists it; undefined where nothing is kept. */
function partOf(node: SchemaNode): fc.Arbitrary<JsonSchema | undefined> {
  if (node.type === 'object') {
    const parts = Object.entries(node.properties).map(
      ([name, part]) => [name, partOf(part)] as const,
    );
    return fc.record(Object.fromEntries(parts)).map((kept) => {
      const properties = Object.fromEntries(
        Object.entries(kept).filter((one): one is [string, JsonSchema] => one[1] !== undefined),
      );
      const isEmpty = Object.keys(properties).length === 0;
      return isEmpty ? undefined : { type: 'object' as const, properties };
    });
  }
  if (node.type === 'array') {
    return partOf(node.items).map((items) => items && { type: 'array' as const, items });
  }
  const leaf = node as unknown as JsonSchema;
  return fc.boolean().map((isKept) => (isKept ? leaf : undefined));
}

const position = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

async function write(records: readonly JointRecord[]): Promise<void> {
  await house.admin('joint_records').del();
  await house.admin('joint_records').insert(
    records.map((record, i) => ({
      recipient_id: record.recipientId,
      record_type: record.recordType,
      position: position(i + 1),
      record_id: position(i + 1),
      customer_id: record.customerId,
      subject_number: i,
      subject_id: record.subjectId,
      kind: record.kind,
      services: record.services,
      reference: JSON.stringify(record.reference),
      ...Object.fromEntries(
        dataClasses.map((one) => [
          columnOf(one),
          record.texts[one] ? JSON.stringify(record.texts[one]) : null,
        ]),
      ),
    })),
  );
}

const joint = (type: RecordType, body: Record<string, unknown>): JointRecord => {
  const key = String(body[type.name === 'customer' ? 'id' : 'customer']);
  return cutRecord({
    record: {
      recordId: recordIdOf(type.name, String(body['id'])),
      customerId: customerIdOf(key),
      body,
    } as unknown as HeldRecord,
    services: [serviceIdOf('store')],
    type,
    classes: dataClasses,
    pairwise: pairwiseOf(Buffer.alloc(32, 1), partner.partner.id),
    relationship: { partnerId: partner.partner.id, kind: 'integration' },
  });
};

test('promise P09: the statement of a view and a projector that shares no line with it give the same bytes', async () => {
  let shown = 0;
  let hidden = 0;
  const cases = fc.integer({ min: 0, max: types.length - 1 }).chain((which) => {
    const type = types[which]!;
    return fc.record({
      type: fc.constant(type),
      bodies: fc.array(valueOf(type.schema), { minLength: 1, maxLength: 6 }),
      view: partOf(type.schema),
      classes: fc.subarray<DataClass>([...dataClasses]),
      asked: fc.option(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), { nil: undefined }),
    });
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ type, bodies, view, classes: allowed, asked }) => {
      const isValid = compileShape(type);
      for (const body of bodies) {
        isValid(body);
        expect(isValid.errors ?? []).toEqual([]);
      }
      const id = type.schema.properties['id'] as unknown as JsonSchema;
      const listed = { type: 'object' as const, properties: { id, ...view?.properties } };
      const document: ViewDocument = {
        type: 'object',
        additionalProperties: false,
        properties: { [type.name]: listed },
      };
      const visible = narrowType(document, type, { classes: allowed });
      const fields = asked?.map((n) => visible?.fields[n % visible.fields.length] ?? 'id');
      const narrowed = narrowType(document, type, { classes: allowed, fields });
      const policy = await readPolicy(house.tools.db);
      const compiled = compileView(
        { document, kind: 'integration', policy },
        type,
        allowed,
        fields,
      );
      expect(compiled === undefined).toBe(narrowed === undefined);
      if (!compiled || !narrowed) return;
      const records = bodies.map((body) => joint(type, body as Record<string, unknown>));
      await write(records);
      const { rows } = await readPage(house.tools.reader, compiled, {
        recipientId: partner.partner.id,
        after: position(0),
        limit: 100,
        services: null,
      });
      const expected = records.flatMap((record, i) => {
        const text = projectRecord(type, narrowed, record);
        return text === undefined ? [] : [[position(i + 1), text]];
      });
      shown += expected.length;
      hidden += records.length - expected.length;
      expect(rows.map((row) => [row.position, row.record.toString()])).toEqual(expected);
    }),
    { numRuns: 250 },
  );
  // Neither side was tried on nothing.
  expect(shown).toBeGreaterThan(50);
  expect(hidden).toBeGreaterThan(5);
}, 60_000);

test('a projection shows only what is listed: a hidden text of any kind stands in none', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: types.length - 1 }).chain((which) => {
        const type = types[which]!;
        return fc.record({
          type: fc.constant(type),
          body: valueOf(type.schema),
          view: partOf(type.schema),
        });
      }),
      ({ type, body, view }) => {
        const id = type.schema.properties['id'] as unknown as JsonSchema;
        const document: ViewDocument = {
          type: 'object',
          additionalProperties: false,
          properties: { [type.name]: { type: 'object', properties: { id, ...view?.properties } } },
        };
        const narrowed = narrowType(document, type, { classes: dataClasses });
        const text =
          narrowed && projectRecord(type, narrowed, joint(type, body as Record<string, unknown>));
        if (text === undefined) return;
        const paths = (value: unknown, path: string): string[] => {
          if (Array.isArray(value))
            return value.flatMap((item: unknown) => paths(item, `${path}.*`));
          if (typeof value !== 'object' || value === null) return [path.slice(1)];
          return Object.entries(value).flatMap(([name, inner]) => paths(inner, `${path}.${name}`));
        };
        expect(narrowed?.fields).toEqual(expect.arrayContaining(paths(JSON.parse(text), '')));
      },
    ),
  );
});
