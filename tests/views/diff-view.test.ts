import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { catalogueOf, readCatalogue } from '../../src/catalogue/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { customerIdOf, recordIdOf } from '../../src/records/index.ts';
import { shareRecords } from '../../src/sharing/index.ts';
import { compareViews, isWidening, waitingFields } from '../../src/views/comparison-rules.ts';
import { diffView, findViews, previewView, publishView } from '../../src/views/index.ts';
import { spellOut } from '../../src/views/view-rules.ts';
import { dataClasses, readPolicy, type Policy } from '../../src/policy/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  invoice,
  money,
  payment,
  refund,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let bright: GivenPartner;
let policy: Policy;
const types = ['customer', 'invoice', 'payment', 'refund'];
const catalogue = readCatalogue([]);

/** Records of many shapes: with and without parts, lists empty and full, another service. */
const data = [
  customer('ada'),
  customer('ben', {
    billing: undefined,
    contact: { kind: 'organisation', name: 'Ben Ltd', people: [] },
  }),
  customer('cat', {
    account: undefined,
    email: { people: [{ id: '2', address: 't@example.test' }] },
    contact: {
      kind: 'organisation',
      name: 'Cat',
      people: [
        { id: '1', name: 'Cat' },
        { id: '2', name: 'Tom' },
      ],
    },
  }),
  customer('dan', { billing: { name: 'Dan' }, additional: undefined, email: undefined }),
  invoice('i1', 'ada', { lines: [{ amount: money(700), quantity: '1', description: 'one' }] }),
  invoice('i2', 'ada', { lines: [] }),
  invoice('i3', 'ben'),
  invoice('i4', 'cat', { lines: [{ amount: money(5) }, { amount: money(6), description: 'two' }] }),
  payment('p1', 'ada'),
  payment('p2', 'ben', { tax: money(200) }),
  payment('p3', 'cat', { service: 'archive' }),
  payment('p4', 'dan'),
  refund('r1', 'ada', 'p1'),
].map(
  ([type, value]) => [type, JSON.parse(JSON.stringify(value)) as Record<string, unknown>] as const,
);
const customerOf = new Map<string, string>(
  data.map(([type, value]) => {
    const key = String(value['id']);
    const of = type === 'customer' ? key : String(value['customer']);
    return [recordIdOf(type, key), of];
  }),
);

beforeAll(async () => {
  house = await openHouse();
  policy = await readPolicy(house.tools.db);
  bright = await givenPartner(house.tools, {
    classes: ['contact', 'contact.email', 'account', 'financial', 'billing'],
    termsClauses: { email: '4.2' },
    terms: { services: ['store'] },
  });
  await givenRecords(house.tools, [service(), service('archive'), ...data]);
  for (const key of ['ada', 'ben', 'cat', 'dan']) {
    await givenRelationship(house.tools, bright.partner, key);
  }
  await givenRelationship(house.tools, bright.partner, 'cat', { serviceKey: 'archive' });
});
afterAll(() => house.close());

const leaves = types.flatMap((type) =>
  (catalogue.types.get(type)?.leaves ?? [])
    .filter(({ path: [member] }) => member !== 'additional')
    .map(({ path }) => [type, ...path]),
);
const personOnly = draftOf([['customer', 'email', 'people', '*', 'id'], ['customer', 'account', 'plan']]); // prettier-ignore

/** A draft that lists these leaves, each by its path. */
function draftOf(paths: readonly (readonly string[])[]): Record<string, unknown> {
  const root: Record<string, unknown> = { type: 'object', properties: {} };
  for (const path of paths) {
    let node = root;
    path.forEach((step, i) => {
      const rest: unknown = i === path.length - 1 ? true : {};
      if (step === '*') {
        node = (node['items'] ??= rest) as Record<string, unknown>;
      } else {
        const properties = (node['properties'] ??= {}) as Record<string, unknown>;
        node = (properties[step] ??= rest) as Record<string, unknown>;
      }
    });
  }
  return root;
}
const view = fc.subarray(leaves, { minLength: 1, maxLength: 25 }).map((paths) => draftOf(paths));

/** The bodies that the API gives for all records of a type, by the record's internal id. */
async function walk(recordType: string): Promise<Map<string, unknown>> {
  const { partner, clientId } = bright;
  const caller = {
    partnerId: partner.id,
    partnerKey: partner.key,
    partnerName: partner.name,
    kind: partner.kind,
    clientId,
    tokenId: 'tok_test',
    scopes: ['contact', 'contact.email', 'account', 'financial', 'billing'] as const,
    purposes: ['identity', 'billing', 'fees'] as const,
  };
  try {
    const { body } = await shareRecords(house.tools, {
      caller,
      recordType,
      limit: 1000,
      cursor: undefined,
    });
    const { uuidOf } = pairwiseOf(house.tools.settings.keys.pairwise, partner.id);
    const page = JSON.parse(body.toString()) as { data: { id: string }[] };
    return new Map(page.data.map((record) => [String(uuidOf(recordType, record.id)), record]));
  } catch (error) {
    if (error instanceof Refusal) return new Map();
    throw error;
  }
}

function leafNames(value: unknown, path = ''): string[] {
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (Array.isArray(value)) return value.flatMap((item) => leafNames(item, below('*')));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leafNames(inner, below(name)));
}

/** Each value that can be read: record type, record, field. */
async function readable(): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const type of types) {
    for (const [id, record] of await walk(type)) {
      for (const name of leafNames(record)) seen.add(`${type} ${id} ${name}`);
    }
  }
  return seen;
}

/** By "type field" in how many records and customers a value stands that stood not in the other. */
function counted(values: ReadonlySet<string>, others: ReadonlySet<string>) {
  const records = new Map<string, Set<string>>();
  for (const value of values) {
    if (others.has(value)) continue;
    const [type = '', id = '', field = ''] = value.split(' ');
    const key = `${type} ${field}`;
    records.set(key, (records.get(key) ?? new Set()).add(id));
  }
  return [...records]
    .map(([key, ids]) => [key, ids.size, new Set([...ids].map((id) => customerOf.get(id))).size])
    .sort();
}
const customersIn = (values: ReadonlySet<string>, others: ReadonlySet<string>) =>
  [
    ...new Set(
      [...values]
        .filter((one) => !others.has(one))
        .map((one) => customerOf.get(one.split(' ')[1] ?? '')),
    ),
  ]
    .map((key) => customerIdOf(key ?? ''))
    .sort();

test('the predicted change of a view is the one that the partner then sees, whatever the views', async () => {
  await fc.assert(
    fc.asyncProperty(view, async (draft) => {
      const before = await readable();
      const diff = await diffView(house.tools, { partner: bright.partner, draft });
      await publishView(house.tools, { partner: bright.partner, draft });
      const after = await readable();
      const told = (what: 'Gained' | 'Lost') =>
        diff.changes
          .filter((one) => one[`records${what}`] > 0)
          .map((one) => [
            `${one.recordType} ${one.field}`,
            one[`records${what}`],
            one[`customers${what}`],
          ])
          .sort();
      expect(told('Gained')).toEqual(counted(after, before));
      expect(told('Lost')).toEqual(counted(before, after));
      expect([...diff.gaining].sort()).toEqual(customersIn(after, before));
      expect([...diff.losing].sort()).toEqual(customersIn(before, after));
    }),
    { numRuns: 30, examples: [[personOnly], [draftOf([['invoice', 'number']])]] },
  );
}, 120_000);

test('what is previewed for a customer is what the API sends, byte for byte, before the draft is published', async () => {
  await fc.assert(
    fc.asyncProperty(view, fc.constantFrom('ada', 'ben', 'cat', 'dan'), async (draft, key) => {
      const { partner } = bright;
      const customerId = customerIdOf(key);
      const previews = await previewView(house.tools, { partner, customerId, draft });
      await publishView(house.tools, { partner, draft });
      for (const type of types) {
        const sent = [...(await walk(type))]
          .filter(([id]) => customerOf.get(id) === key)
          .map(([, record]) => JSON.stringify(record));
        const previewed = previews.find(({ recordType }) => recordType === type)?.records ?? [];
        expect([type, previewed]).toEqual([type, sent]);
      }
      expect(await previewView(house.tools, { partner, customerId })).toEqual(previews);
    }),
    { numRuns: 15 },
  );
}, 120_000);

test('a preview tells how many more records there are, refuses a wrong draft and logs nothing', async () => {
  const { partner } = bright;
  const draft = { type: 'object', properties: { invoice: { properties: { number: true } } } };
  const entries = () => house.admin('disclosure_entries').count({ n: '*' });
  const before = await entries();
  const ask = { partner, customerId: customerIdOf('ada'), draft };
  expect(await previewView(house.tools, { ...ask, limit: 1 })).toEqual([
    {
      recordType: 'invoice',
      fields: ['id', 'number'],
      records: [expect.stringMatching(/^\{"id":"inv_[\w-]{22}","number":"N-i[12]"\}$/)],
      more: 1,
      withheld: [],
    },
  ]);
  const wrong = {
    ...ask,
    draft: { type: 'object', properties: { invoice: { properties: { x: true } } } },
  };
  await expect(previewView(house.tools, wrong)).rejects.toMatchObject({
    kind: { code: 'invalid-view' },
  });
  await expect(diffView(house.tools, wrong)).rejects.toMatchObject({
    kind: { code: 'invalid-view' },
  });
  expect(await entries()).toEqual(before);
});

const spelt = (draft: unknown) => {
  const { document, problems } = spellOut(draft, {
    catalogue,
    policy,
    kind: 'referral',
    agreed: dataClasses,
  });
  expect(problems).toEqual([]);
  return document;
};

test('a view is a widening exactly when it shows a field that the other does not', () => {
  fc.assert(
    fc.property(view, view, (one, other) => {
      const [before, after] = [spelt(one), spelt(other)];
      const { added, removed } = compareViews(before, after);
      const back = compareViews(after, before);
      expect([back.added, back.removed]).toEqual([removed, added]);
      expect(isWidening(compareViews(before, before))).toBe(false);
      expect(isWidening(compareViews(undefined, after))).toBe(true);
      expect(isWidening(compareViews(before, undefined))).toBe(false);
      // Whoever shows both views together widens by just what is added.
      const names = (fields: typeof added) =>
        fields.map(({ recordType, field }) => `${recordType} ${field}`);
      const has = new Set(names(compareViews(undefined, before).added));
      const gets = names(compareViews(undefined, after).added);
      expect(names(added).sort()).toEqual(gets.filter((name) => !has.has(name)).sort());
    }),
  );
});

test('a field whose class has become another one counts as added, so that a second person sees it', () => {
  const document = spelt(draftOf([['customer', 'account', 'plan']]));
  const text = JSON.stringify(document).replace('"x-class":"account"', '"x-class":"financial"');
  const comparison = compareViews(document, JSON.parse(text) as typeof document);
  expect(isWidening(comparison)).toBe(true);
});

test('promise P09: a catalogue field that is not listed stays invisible and is shown as waiting', () => {
  fc.assert(
    fc.property(fc.subarray(leaves, { minLength: 1 }), (paths) => {
      const document = spelt(draftOf(paths));
      const classes = ['contact', 'contact.email', 'account', 'financial', 'billing'] as const;
      const waiting = waitingFields(document, { catalogue, classes }).map(
        ({ recordType, field }) => `${recordType} ${field}`,
      );
      const shown = compareViews(undefined, document).added.map(
        ({ recordType, field }) => `${recordType} ${field}`,
      );
      const all = leaves.map(([type, ...path]) => `${String(type)} ${path.join('.')}`);
      expect([...waiting, ...shown].sort()).toEqual([...all].sort());
    }),
  );
});

test('what no agreement allows waits for nothing', () => {
  const document = spelt(draftOf([['customer', 'account', 'plan']]));
  expect(waitingFields(document, { catalogue, classes: [] })).toEqual([]);
});

test('a diff against no view at all counts everything as added', async () => {
  const late = await givenPartner(house.tools, { key: 'late', view: null });
  const draft = draftOf([['customer', 'account', 'plan']]);
  const diff = await diffView(house.tools, { partner: late.partner, draft });
  expect(diff).toMatchObject({ before: null, isWidening: true, gaining: [], losing: [] });
  expect(diff.changes.map(({ field, change }) => [field, change])).toEqual([
    ['id', 'added'],
    ['account.plan', 'added'],
  ]);
  expect(await findViews(house.tools.db, late.partner.id)).toEqual([]);
  expect(catalogueOf(house.tools.settings).types.has('customer')).toBe(true);
});
