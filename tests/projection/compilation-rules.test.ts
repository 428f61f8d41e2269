import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { readCatalogue, type RecordType, type SchemaNode } from '../../src/catalogue/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { cutRecord } from '../../src/joint/joint-rules.ts';
import { upsertJointRecords } from '../../src/joint/joint-store.ts';
import { inTransaction } from '../../src/platform/database.ts';
import {
  classesOfKind,
  dataClasses,
  type DataClass,
  type PartnerKind,
} from '../../src/policy/index.ts';
import {
  customerIdOf,
  personIdOf,
  recordIdOf,
  serviceIdOf,
  type JsonObject,
  type ServiceId,
} from '../../src/records/index.ts';
import { readPage, readSingle } from '../../src/sharing/page-store.ts';
import { compileView, type CompiledView, type JsonSchema } from '../../src/projection/index.ts';
import { spellOut } from '../../src/views/view-rules.ts';
import { givenHeld, givenRelationship } from '../joint/given-joint.ts';
import { firstPolicy } from '../support/first-policy.ts';
import { givenPartner, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let partners: Readonly<Record<PartnerKind, GivenPartner>>;

beforeAll(async () => {
  house = await openHouse();
  partners = {
    referral: await givenPartner(house.tools, { view: null }),
    integration: await givenPartner(house.tools, {
      key: 'linked',
      kind: 'integration',
      classes: ['contact', 'account', 'business'],
      purposes: ['integration'],
      view: null,
    }),
  };
});
afterAll(() => house.close());

const leaf = (dataClass: DataClass | 'reference', more: object = {}) =>
  ({ type: 'string', 'x-class': dataClass, ...more }) as SchemaNode;

/** A business type, with names that need care in SQL and JSON, and lists within lists. */
const parcels: RecordType = {
  name: "par'cel",
  isBusiness: true,
  datedBy: null,
  leaves: [],
  members: [
    { name: 'id', dataClass: 'reference', required: true },
    { name: 'customer', dataClass: 'reference', required: true },
    { name: "o'clock", dataClass: 'business', required: false },
    { name: 'say "when"', dataClass: 'business', required: false },
    { name: 'stops', dataClass: 'business', required: false },
    { name: 'to', dataClass: 'contact', required: false },
  ],
  schema: {
    type: 'object',
    required: ['id', 'customer'],
    properties: {
      id: leaf('reference', { 'x-refers-to': "par'cel" }),
      customer: leaf('reference', { 'x-refers-to': 'customer' }),
      "o'clock": leaf('business'),
      'say "when"': leaf('business'),
      stops: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            place: { type: 'object', properties: { a: leaf('business'), b: leaf('business') } },
            note: leaf('business'),
            items: {
              type: 'array',
              items: {
                type: 'object',
                properties: { code: leaf('business'), weight: leaf('business') },
              },
            },
          },
        },
      },
      to: { type: 'object', properties: { name: leaf('contact'), street: leaf('contact') } },
    },
  },
};
const types = new Map([...readCatalogue([]).types, [parcels.name, parcels] as const]);
types.delete('service');
const typeOf = (name: string): RecordType => {
  const type = types.get(name);
  if (!type) throw new Error(`no ${name}`);
  return type;
};

const compile = (
  type: RecordType,
  draft: unknown,
  classes: readonly DataClass[],
  kind: PartnerKind = 'integration',
): CompiledView | undefined => {
  const policy = firstPolicy;
  const view = { type: 'object', properties: { [type.name]: draft } };
  const within = { catalogue: { types }, policy, kind, agreed: dataClasses };
  const { document } = spellOut(view, within);
  return compileView({ document, kind, policy }, type, classes);
};

interface GivenFor {
  readonly kind?: PartnerKind;
}

/** Puts records of one type in place of those that a partner has, each shown for these services. */
async function givenJoint(
  type: RecordType,
  bodies: readonly JsonObject[],
  {
    kind = 'integration',
    services = [serviceIdOf('store')],
  }: GivenFor & { services?: readonly ServiceId[] } = {},
): Promise<void> {
  const { id: partnerId } = partners[kind].partner;
  await house.admin('joint_records').where({ recipient_id: partnerId }).delete();
  const customerOf = (body: JsonObject) => customerIdOf(typeof body['customer'] === 'string' ? body['customer'] : 'ada'); // prettier-ignore
  const rows = bodies.map((body, index) => ({
    ...cutRecord({
      record: givenHeld(type.name, body, { customerId: customerOf(body) }),
      type,
      classes: classesOfKind(firstPolicy, kind),
      pairwise: pairwiseFor(kind),
      relationship: givenRelationship({ partnerId, kind, customerId: customerOf(body) }),
      services,
    }),
    subjectNumber: index + 1,
  }));
  await inTransaction(house.tools.db, (tx) => upsertJointRecords(tx, rows));
}

const pairwiseFor = (kind: PartnerKind) =>
  pairwiseOf(Buffer.alloc(32, 1), partners[kind].partner.id);
const first = '00000000-0000-0000-0000-000000000000';

async function pageOf(
  view: CompiledView,
  {
    kind = 'integration',
    after = first,
    limit = 100,
    services = ['store'],
  }: GivenFor & { after?: string; limit?: number; services?: readonly string[] } = {},
) {
  const { rows } = await readPage(house.tools.reader, view, {
    recipientId: partners[kind].partner.id,
    after,
    limit,
    services: services.map(serviceIdOf),
  });
  return rows.map(({ record, ...row }) => ({ ...row, text: record.toString() }));
}

/** What a value shows, by walking catalogue and draft beside it: nothing of the compiler is used. */
function shownOf(
  value: unknown,
  { known, draft, kind, of }: { known: JsonSchema; draft: unknown; kind: PartnerKind; of: string },
): unknown {
  const drafted = draft as { properties?: Record<string, unknown>; items?: unknown };
  if (known.type === 'object') {
    const parts = Object.entries(known.properties ?? {}).flatMap(([name, node]) => {
      const inner = draft === true ? true : drafted.properties?.[name];
      const given = (value as Record<string, unknown>)[name];
      if (inner === undefined || given === undefined) return [];
      const shown = shownOf(given, { known: node, draft: inner, kind, of });
      const isNothing = node.type === 'object' && Object.keys(shown as object).length === 0;
      return isNothing ? [] : [[name, shown] as const];
    });
    return Object.fromEntries(parts);
  }
  if (known.type === 'array') {
    const inner = {
      known: known.items ?? {},
      draft: draft === true ? true : drafted.items,
      kind,
      of,
    };
    return (value as unknown[]).map((item) => shownOf(item, inner));
  }
  const target = known['x-refers-to'];
  if (target === undefined) return value;
  const key = String(value);
  const uuid = target === 'person' ? personIdOf(of, key) : recordIdOf(target, key);
  return pairwiseFor(kind).idOf(target, uuid);
}

/** Whether a draft lists more of a member than ids: those leave only beside a field of their class. */
function listsData(known: JsonSchema, draft: unknown): boolean {
  if (draft === undefined) return false;
  const drafted = draft as { properties?: Record<string, unknown>; items?: unknown };
  if (known.type === 'array') {
    return listsData(known.items ?? {}, draft === true ? true : drafted.items);
  }
  if (known.type !== 'object') return known['x-refers-to'] === undefined;
  return Object.entries(known.properties ?? {}).some(([name, node]) =>
    listsData(node, draft === true ? true : drafted.properties?.[name]),
  );
}

function recordShown(
  type: RecordType,
  body: JsonObject,
  { draft, classes, kind }: { draft: object; classes: readonly DataClass[]; kind: PartnerKind },
): object | undefined {
  const listed = (draft as { properties: Record<string, unknown> }).properties;
  const known = type.schema as JsonSchema;
  const saysSomething = (one: DataClass) =>
    type.members.some(
      ({ name, dataClass }) =>
        dataClass === one && listsData(known.properties?.[name] ?? {}, listed[name]),
    );
  const shownClasses = classes.filter(saysSomething);
  const visible = type.members.filter(
    ({ name, dataClass }) =>
      name === 'id' ||
      (Object.hasOwn(listed, name) &&
        (dataClass === 'reference' || shownClasses.some((one) => one === dataClass))),
  );
  const properties = Object.fromEntries(visible.map(({ name }) => [name, listed[name] ?? true]));
  const of = body[type.name === 'customer' ? 'id' : 'customer'] as string;
  const shown = shownOf(body, { known, draft: { properties }, kind, of }) as object;
  const references = visible
    .filter(({ dataClass }) => dataClass === 'reference')
    .map(({ name }) => name);
  return Object.keys(shown).some((name) => !references.includes(name)) ? shown : undefined;
}

/** A list that is shown whole keeps the empty objects of its items, which say nothing. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, part]): [string, unknown] => [name, withoutEmpty(part)])
      .filter(([, part]) => JSON.stringify(part) !== '{}'),
  );
}

/** Values of a schema's form: members come and go, texts hold whatever JSON and SQL care about. */
function anyValue(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.type === 'object') {
    const parts = Object.entries(node.properties).map(
      ([name, inner]) => [name, fc.option(anyValue(inner), { nil: undefined })] as const,
    );
    return fc
      .record(Object.fromEntries(parts))
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  }
  if (node.type === 'array') return fc.array(anyValue(node.items), { maxLength: 3 });
  if (node.type === 'integer') return fc.integer();
  if (node.type === 'boolean') return fc.boolean();
  return fc.oneof(
    fc.constantFrom('', "it's", '"quoted"', 'back\\slash', ',', '},{', 'ü', '😀', 'a\nb'),
    fc.string({ maxLength: 8 }).map((text) => text.replaceAll('\u0000', '')),
  );
}

/** A body with its keys; whatever its schema requires of its members is there. */
function anyBody(type: RecordType): fc.Arbitrary<JsonObject> {
  const required = type.members.filter((member) => member.required).map(({ name }) => name);
  const whole = Object.fromEntries(
    Object.entries(type.schema.properties).map(([name, node]) => [name, requiredOf(node)]),
  );
  return anyValue(type.schema).map((value) => ({
    ...Object.fromEntries(required.map((name) => [name, whole[name]])),
    ...completed(type.schema, value as Record<string, unknown>),
    id: 'r',
    ...(type.name === 'customer' ? {} : { customer: 'ada', service: 'store' }),
  }));
}

/** The least value of a schema's form. */
function requiredOf(node: SchemaNode): unknown {
  if (node.type === 'array') return [];
  if (node.type === 'integer') return 0;
  if (node.type === 'boolean') return false;
  return node.type === 'object' ? completed(node, {}) : 'least';
}

function completed(node: Extract<SchemaNode, { type: 'object' }>, value: Record<string, unknown>) {
  const missing = (node.required ?? []).filter((name) => value[name] === undefined);
  const parts = Object.entries(node.properties).flatMap(([name, inner]): [string, unknown][] => {
    if (missing.includes(name)) return [[name, requiredOf(inner)]];
    const given = value[name];
    if (given === undefined) return [];
    return [
      [name, inner.type === 'object' ? completed(inner, given as Record<string, unknown>) : given],
    ];
  });
  return Object.fromEntries(parts);
}

/** Drafts that list some of the fields at every depth, or all of them by `true`. */
function anyDraft(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.type === 'object') {
    const parts = fc.subarray(Object.entries(node.properties), { minLength: 1 });
    const listed = parts.chain((some) =>
      fc.record(Object.fromEntries(some.map(([name, inner]) => [name, anyDraft(inner)]))),
    );
    return fc.oneof(
      listed.map((properties) => ({ properties })),
      fc.constant(true),
    );
  }
  if (node.type === 'array') {
    return fc.oneof(
      fc.constant(true),
      anyDraft(node.items).map((items) => ({ items })),
    );
  }
  return fc.constant(true);
}

const ajv = new Ajv2020({ strict: false });

/** A view of a type, which lists some members, and the classes that are asked for. */
const anyCase = fc
  .tuple(fc.constantFrom(...types.keys()), fc.constantFrom<PartnerKind>('referral', 'integration'))
  .chain(([name, kind]) => {
    const type = typeOf(name);
    const draft = anyDraft(type.schema).filter((one) => one !== true) as fc.Arbitrary<object>;
    return fc.record({
      name: fc.constant(name),
      kind: fc.constant(kind),
      draft,
      body: anyBody(type),
      classes: fc.shuffledSubarray(classesOfKind(firstPolicy, kind)),
    });
  });

test('a compiled view shows of a record exactly what the view lists of the classes, and nothing else', async () => {
  let shownAtAll = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ name, kind, draft, body, classes }) => {
      const type = typeOf(name);
      await givenJoint(type, [body], { kind });
      const view = compile(type, draft, classes, kind);
      const mayShow = !type.isBusiness || classes.includes('business');
      const due = mayShow ? recordShown(type, body, { draft, classes, kind }) : undefined;
      const rows = view ? await pageOf(view, { kind }) : [];
      expect(rows.map(({ text }) => withoutEmpty(JSON.parse(text)))).toEqual(
        due ? [withoutEmpty(due)] : [],
      );
      if (!view || !due) return;
      shownAtAll += 1;
      expect(ajv.validate(view.wire, due)).toBe(true);
      const { rows: single } = await readSingle(house.tools.reader, view, {
        recipientId: partners[kind].partner.id,
        recordId: recordIdOf(type.name, 'r'),
        services: null,
      });
      expect(single.map(({ record }) => record.toString())).toEqual(rows.map(({ text }) => text));
    }),
    {
      numRuns: 150,
      // Of a business type only what is no business data: the class is still what opens it.
      examples: [
        [
          {
            name: "par'cel",
            kind: 'integration',
            draft: { properties: { to: { properties: { street: true } } } },
            body: { id: 'r', customer: 'ada', to: { street: '' }, service: 'store' },
            classes: ['business', 'contact'],
          },
        ],
        // Of a class nothing but ids: they leave only beside a field of it.
        [
          {
            name: 'customer',
            kind: 'referral',
            draft: {
              properties: {
                contact: { properties: { phone: true } },
                email: { properties: { people: { items: { properties: { id: true } } } } },
              },
            },
            body: { id: 'r', contact: { kind: 'least', name: 'least' }, email: { people: [] } },
            classes: ['contact.email'],
          },
        ],
      ],
    },
  );
  expect(shownAtAll).toBeGreaterThan(20);
});

const invoice = (id: string) => ({ id, customer: 'ada', service: 'store', number: `N-${id}` });

test('a page goes on after a position, in one order, no longer than its limit', async () => {
  const type = typeOf('invoice');
  const ids = Array.from({ length: 7 }, (_, i) => `i-${String(i)}`);
  await givenJoint(type, ids.map(invoice));
  const view = compile(type, { properties: { number: true } }, ['billing']);
  if (!view) throw new Error('nothing to show');
  const whole = await pageOf(view);
  expect(whole.map(({ position }) => position)).toEqual(
    whole.map(({ position }) => position).sort(),
  );
  expect(whole.map(({ text }) => (JSON.parse(text) as { number: string }).number).sort()).toEqual(
    ids.map((id) => `N-${id}`),
  );
  expect(new Set(whole.map(({ subjectNumber }) => subjectNumber)).size).toBe(7);
  expect(await pageOf(view, { limit: 3 })).toEqual(whole.slice(0, 3));
  expect(await pageOf(view, { after: whole[2]?.position ?? '' })).toEqual(whole.slice(3));
});

test('rows of services that the agreement does not cover stay out, and of other types and partners', async () => {
  const type = typeOf('invoice');
  await givenJoint(type, [invoice('theirs')], { kind: 'referral' });
  await givenJoint(type, [invoice('one')], { services: ['store', 'hosting'].map(serviceIdOf) });
  const view = compile(type, { properties: { number: true } }, ['billing']);
  const payments = compile(typeOf('payment'), { properties: { amount: true } }, ['financial']);
  if (!view || !payments) throw new Error('nothing to show');
  expect(await pageOf(view, { services: ['hosting', 'archive'] })).toHaveLength(1);
  expect(await pageOf(view, { services: ['archive'] })).toEqual([]);
  expect(await pageOf(view, { services: [] })).toEqual([]);
  const theirs = await pageOf(view, { kind: 'referral', services: ['store'] });
  expect(theirs.map(({ text }) => (JSON.parse(text) as { number: string }).number)).toEqual([
    'N-theirs',
  ]);
  expect(await pageOf(payments)).toEqual([]);
  const single = (recordId: string, services: string[] | null) =>
    readSingle(house.tools.reader, view, {
      recipientId: partners.integration.partner.id,
      recordId: recordIdOf('invoice', recordId),
      services: services?.map(serviceIdOf) ?? null,
    });
  expect((await single('one', ['archive'])).rows).toEqual([]);
  expect((await single('other', null)).rows).toEqual([]);
  expect((await single('one', null)).rows).toHaveLength(1);
});

test('a compiled view names what it can show, in the catalogue’s order, and whether it is all that is listed', () => {
  const type = typeOf('customer');
  const draft = {
    properties: {
      billing: { properties: { address: { properties: { city: true } }, name: true } },
      contact: { properties: { people: { items: { properties: { name: true, id: true } } } } },
    },
  };
  const both = compile(type, draft, ['billing', 'account', 'contact'], 'referral');
  expect(both).toMatchObject({
    recordType: 'customer',
    classes: ['billing', 'contact'],
    fields: [
      'id',
      'contact.people.*.id',
      'contact.people.*.name',
      'billing.name',
      'billing.address.city',
    ],
    isWhole: true,
  });
  expect(compile(type, draft, ['billing'], 'referral')).toMatchObject({
    classes: ['billing'],
    fields: ['id', 'billing.name', 'billing.address.city'],
    isWhole: false,
  });
});

test('ids alone are nothing to show, nor is a type that the view does not list', () => {
  const type = typeOf('invoice');
  expect(compile(type, { properties: { customer: true, number: true } }, [])).toBeUndefined();
  expect(compile(type, { properties: { customer: true } }, ['billing'])).toBeUndefined();
  const document = { type: 'object', additionalProperties: false, properties: {} } as const;
  const bounds = { document, kind: 'referral', policy: firstPolicy } as const;
  expect(compileView(bounds, type, ['billing'])).toBeUndefined();
});

test('promise P14: business types are nothing without their class, and the class is no referral partner’s', () => {
  const draft = { properties: { to: true, "o'clock": true } };
  expect(compile(parcels, draft, ['contact'])).toBeUndefined();
  expect(compile(parcels, draft, ['contact', 'business'])).toMatchObject({
    fields: ['id', "o'clock", 'to.name', 'to.street'],
  });
  expect(() => compile(parcels, draft, ['contact', 'business'], 'referral')).toThrow(
    'A referral partner never receives class business.',
  );
});

test('the form on the wire is closed, requires the id alone and gives ids as pairwise ids', () => {
  const draft = {
    properties: {
      customer: true,
      total: { properties: { amount: true } },
      lines: { items: { properties: { quantity: true } } },
    },
  };
  const view = compile(typeOf('invoice'), draft, ['billing'], 'referral');
  const id = { type: 'string', pattern: '^[a-z]{3}_[A-Za-z0-9_-]{22}$' };
  expect(view?.wire).toEqual({
    type: 'object',
    additionalProperties: false,
    required: ['id'],
    properties: {
      id,
      customer: id,
      lines: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          properties: { quantity: { type: 'string' } },
        },
      },
      total: {
        type: 'object',
        additionalProperties: false,
        properties: { amount: { type: 'integer' } },
      },
    },
  });
});

test('equal views are one prepared statement, and different ones are different statements', () => {
  const named = (draft: object) => {
    const view = compile(typeOf('invoice'), { properties: draft }, ['billing']);
    return [view?.page.name, view?.single.name];
  };
  const names = named({ number: true });
  expect(named({ number: true })).toEqual(names);
  const all = [...names, ...named({ issuedOn: true }), ...named({ number: true, customer: true })];
  expect(new Set(all).size).toBe(6);
  for (const name of all) expect(name).toMatch(/^v_[0-9a-f]{24}$/);
});

/** The numbers of a page's records, narrowed by a filter, in alphabetical order. */
async function numbersOf(
  view: CompiledView | undefined,
  filter: Parameters<typeof readPage>[2]['filter'],
  name = 'number',
): Promise<unknown[]> {
  if (!view) throw new Error('nothing to show');
  const { rows } = await readPage(house.tools.reader, view, {
    ...{ recipientId: partners.integration.partner.id, after: first, limit: 100, services: null },
    ...(filter && { filter }),
  });
  const shown = rows.map(({ record }) => JSON.parse(record.toString()) as Record<string, unknown>);
  return shown.map((one) => one[name]).sort();
}

test('records dated by day are narrowed from a day on and before a day, where the date is shown', async () => {
  const type = typeOf('invoice');
  const on = (day: number) => ({ ...invoice(String(day)), issuedOn: `2026-03-0${String(day)}` });
  await givenJoint(type, [on(1), on(2), on(3), invoice('undated')]);
  const view = compile(type, { properties: { number: true, issuedOn: true } }, ['billing']);
  expect([view?.datedBy, view?.isByCustomer]).toEqual(['date', false]);
  const within = (dates: { from?: string; to?: string }) => numbersOf(view, { dates });
  expect(await within({ from: '2026-03-02' })).toEqual(['N-2', 'N-3']);
  expect(await within({ to: '2026-03-02' })).toEqual(['N-1']);
  expect(await within({ from: '2026-03-02', to: '2026-03-03' })).toEqual(['N-2']);
  expect(await within({})).toEqual(['N-1', 'N-2', 'N-3']);
  const dateless = compile(type, { properties: { number: true } }, ['billing']);
  expect(dateless?.datedBy).toBeUndefined();
  expect(() => dateless?.filteredPage({ customer: false, date: true })).toThrow('The date of a invoice is not shown.'); // prettier-ignore
  expect(compile(typeOf('customer'), { properties: { contact: true } }, ['contact'])?.datedBy).toBeUndefined(); // prettier-ignore
});

test('records dated by instant are narrowed exactly, whatever their offset and fraction', async () => {
  const type = typeOf('payment');
  const at = (id: string, settledAt: string) => ({
    ...{ id, customer: 'ada', service: 'store', settledAt, method: id },
    amount: { amount: 1, currency: 'EUR' },
  });
  await givenJoint(type, [
    at('a', '2026-03-01T12:00:00Z'),
    at('b', '2026-03-01T13:00:00.000000001+01:00'),
    at('c', '2026-03-01T12:00:00.5Z'),
    at('d', '2026-03-01T07:00:01-05:00'),
  ]);
  const draft = { properties: { settledAt: true, amount: true } };
  const view = compile(type, draft, ['financial']);
  expect(view?.datedBy).toBe('instant');
  const within = (dates: { from?: string; to?: string }) => numbersOf(view, { dates }, 'settledAt');
  const [a, b, c, d] = ['2026-03-01T12:00:00Z', '2026-03-01T13:00:00.000000001+01:00', '2026-03-01T12:00:00.5Z', '2026-03-01T07:00:01-05:00']; // prettier-ignore
  expect(await within({ from: '2026-03-01T12:00:00Z' })).toEqual([d, c, a, b]);
  expect(await within({ from: '2026-03-01T12:00:00.000000001Z' })).toEqual([d, c, b]);
  expect(await within({ from: '2026-03-01T12:00:00.000000002Z' })).toEqual([d, c]);
  expect(await within({ to: '2026-03-01T12:00:00.5Z' })).toEqual([a, b]);
  expect(await within({ to: '2026-03-01T12:00:00.500000001Z' })).toEqual([c, a, b]);
  expect(await within({ from: '2026-03-01T12:00:00.6Z', to: '2026-03-01T12:00:01Z' })).toEqual([]);
});

test('records are narrowed to a customer, with dates or without, where the view shows whose they are', async () => {
  const type = typeOf('invoice');
  const of = (customer: string, day: number) => ({ ...invoice(`${customer}${String(day)}`), customer, issuedOn: `2026-03-0${String(day)}` }); // prettier-ignore
  await givenJoint(type, [of('ada', 1), of('ada', 2), of('ben', 1)]);
  const draft = { properties: { number: true, issuedOn: true, customer: true } };
  const view = compile(type, draft, ['billing']);
  expect(view?.isByCustomer).toBe(true);
  const [whole] = [await pageOf(view!)];
  const subject = (key: string) => whole.find(({ text }) => text.includes(`N-${key}`))?.subjectId ?? ''; // prettier-ignore
  const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  const customer = { id: subject('ada1'), first, last };
  expect(await numbersOf(view, { customer })).toEqual(['N-ada1', 'N-ada2']);
  expect(await numbersOf(view, { customer, dates: { from: '2026-03-02' } })).toEqual(['N-ada2']);
  expect(await numbersOf(view, { customer: { ...customer, id: subject('ben1') } })).toEqual(['N-ben1']); // prettier-ignore
  // The range of positions is held on both sides.
  expect(await numbersOf(view, { customer: { ...customer, last: first } })).toEqual([]);
  expect(await numbersOf(view, { customer: { ...customer, first: last } })).toEqual([]);
  const customers = compile(typeOf('customer'), { properties: { contact: true } }, ['contact']);
  expect(customers?.isByCustomer).toBe(true);
});

test('whether a record shows anything is only asked where it may show nothing', () => {
  const thing: RecordType = {
    name: 'thing',
    isBusiness: false,
    datedBy: null,
    leaves: [],
    members: [
      { name: 'id', dataClass: 'reference', required: true },
      { name: 'sure', dataClass: 'contact', required: true },
      { name: 'maybe', dataClass: 'contact', required: false },
      { name: 'plain', dataClass: 'billing', required: true },
    ],
    schema: {
      type: 'object',
      required: ['id', 'sure', 'plain'],
      properties: {
        id: leaf('reference', { 'x-refers-to': 'thing' }),
        sure: {
          type: 'object',
          required: ['kept'],
          properties: { kept: leaf('contact'), other: leaf('contact') },
        },
        maybe: { type: 'object', properties: { one: leaf('contact') } },
        plain: leaf('billing'),
      },
    },
  };
  types.set('thing', thing);
  const asks = (properties: object, classes: readonly DataClass[] = ['contact', 'billing']) =>
    compile(thing, { properties }, classes)?.single.text.includes(" <> ''");
  expect(asks({ sure: true })).toBe(false);
  expect(asks({ sure: { properties: { kept: true } } })).toBe(false);
  expect(asks({ sure: { properties: { other: true } } })).toBe(true);
  expect(asks({ maybe: true })).toBe(true);
  expect(asks({ plain: true, maybe: true })).toBe(false);
  expect(asks({ plain: true, maybe: true }, ['contact'])).toBe(true);
  types.delete('thing');
});

test('a list within a list is shown item by item, each with what is kept of it, an empty one as empty', async () => {
  const draft = {
    properties: {
      stops: {
        items: {
          properties: {
            place: { properties: { a: true } },
            items: { items: { properties: { code: true } } },
          },
        },
      },
    },
  };
  const view = compile(parcels, draft, ['business']);
  const items = [{ code: 'x"y', weight: '1' }, { weight: '2' }];
  await givenJoint(parcels, [
    {
      ...{ id: 'p', customer: 'ada' },
      stops: [
        { note: 'n', place: { a: 'A', b: 'B' }, items },
        { place: { b: 'B' }, items: [] },
        {},
      ],
    },
    { id: 'q', customer: 'ada', stops: [] },
    { id: 'r', customer: 'ada', "o'clock": 'late' },
  ]);
  const shown = await pageOf(view!);
  const stops = shown.map(({ text }) => JSON.stringify((JSON.parse(text) as { stops: unknown }).stops)); // prettier-ignore
  expect(stops.sort()).toEqual(['[]', '[{"place":{"a":"A"},"items":[{"code":"x\\"y"},{}]},{"items":[]},{}]']); // prettier-ignore
});
