import { afterAll, beforeAll, expect } from '@jest/globals';
import { answerOf } from '../support/answers.ts';
import { givenPartner, givenRelationship, givenToken } from '../support/given.ts';
import { referenceTest } from '../support/reference.ts';
import {
  isHere,
  openWorld,
  pullAll,
  sets,
  streamAll,
  type RealSet,
  type World,
} from './real-sets.ts';
import { loadSource, recordsOf } from './source-oracle.ts';

/**
 * Whole walks of the real sets: every field of every record that each partner gets, in every way of
 * asking, equals SQL over the rows of the source. Only ids are the gateway's own: they are told
 * back into the source's keys, one to one, and no id means anything to two partners.
 */

const worlds = new Map<string, World>();
/** So many ids of each type each partner tries of each other one; `npm run full` asks for 25. */
const foreign = Number(process.env['SLUICE_TEST_FOREIGN_IDS'] ?? 3);
/** Reads the same customers as the referral partner 4, and their orders. */
const linked = 'linked';

const wide = {
  classes: ['contact', 'contact.email', 'contact.additional', 'account', 'financial', 'billing'],
  termsClauses: { email: '4.2', additional: '4.3' },
  view: {
    customer: {
      properties: { contact: true, email: true, additional: true, billing: true },
    },
    invoice: true,
    payment: true,
    refund: true,
  },
} as const;

beforeAll(async () => {
  for (const set of sets) {
    if (!isHere(set)) continue;
    const world = await openWorld(set, wide);
    worlds.set(set.name, world);
    await loadSource(world.house.admin, set);
    if (set.name === 'northwind') await connectLinked(set, world);
  }
}, 120_000);
afterAll(async () => {
  for (const { house } of worlds.values()) await house.close();
});

async function connectLinked(set: RealSet, { house, gateway, partners, tokens }: World) {
  const given = await givenPartner(house.tools, {
    key: linked,
    kind: 'integration',
    classes: [...wide.classes, 'business'],
    purposes: ['identity', 'billing', 'integration'],
    termsClauses: wide.termsClauses,
    validFrom: '1990-01-01',
    view: { ...wide.view, order: true },
  });
  const of = await house.admin('ledger').distinct('customer').where('partner', '4');
  for (const { customer } of of as { customer: string }[]) {
    const at = new Date('1990-01-01T00:00:00Z');
    await givenRelationship(house.tools, given.partner, customer, { at, serviceKey: set.service });
  }
  partners.set(linked, given);
  tokens.set(linked, await givenToken(gateway, given));
}

const worldOf = (set: RealSet): World => {
  const world = worlds.get(set.name);
  if (!world) throw new Error(`${set.name} is not loaded`);
  return world;
};

/** What is asked for: whose customers, by which token. */
const partnersOf = (set: RealSet): { partner: string; owner: string }[] =>
  [...worldOf(set).partners.keys()].map((partner) => ({
    partner,
    owner: partner === linked ? '4' : partner,
  }));

const lists = {
  customer: 'customers',
  invoice: 'invoices',
  payment: 'payments',
  refund: 'refunds',
};
const typesOf = (partner: string) => [
  ...Object.keys(lists),
  ...(partner === linked ? ['order'] : []),
];
const listOf = (type: string) => (lists as Record<string, string>)[type] ?? `records/${type}`;

type Received = Record<string, unknown>;

/** The pairwise ids of one partner, and the source's keys that they stand for, one to one. */
interface Ids {
  readonly learn: (id: unknown, type: string, key: string | undefined) => void;
  readonly idOf: (type: string, key: string) => string;
  readonly keyOf: (type: string, id: unknown) => string | undefined;
  readonly all: () => string[];
}

function openIds(): Ids {
  const names = new Map<string, string>();
  const ids = new Map<string, string>();
  return {
    learn: (id, type, key) => {
      const name = `${type} ${key ?? 'that nobody knows'}`;
      expect(id).toEqual(expect.stringMatching(/^[a-z]{3}_[A-Za-z0-9_-]{22}$/));
      expect([id, names.get(String(id)) ?? name]).toEqual([id, name]);
      expect([name, ids.get(name) ?? id]).toEqual([name, id]);
      names.set(String(id), name);
      ids.set(name, String(id));
    },
    idOf: (type, key) => ids.get(`${type} ${key}`) ?? '',
    keyOf: (type, id) => {
      const name = names.get(String(id)) ?? '';
      return name.startsWith(`${type} `) ? name.slice(type.length + 1) : undefined;
    },
    all: () => [...names.keys()],
  };
}

/** What tells which record of the source this is, and so what its ids stand for. */
async function learnIds(set: RealSet, partner: string, owner: string): Promise<Ids> {
  const learnt = known.get(`${set.name} ${partner}`);
  if (learnt) return learnt;
  const world = worldOf(set);
  const ids = openIds();
  const source = await recordsOf(world.house.admin, { set, partner: owner, type: 'customer' });
  const keys = new Map(source.map(({ customer, body }) => [nameOf(body), customer]));
  expect(keys.size).toBe(source.length);
  for (const one of await pullAll(world, partner, 'customers')) {
    const key = keys.get(nameOf(one));
    ids.learn(one['id'], 'customer', key);
    for (const person of peopleOf(one)) ids.learn(person['id'], 'person', key);
  }
  for (const { id, number, service } of await pullAll(world, partner, 'invoices')) {
    ids.learn(id, 'invoice', String(number));
    ids.learn(service, 'service', set.service);
  }
  for (const type of typesOf(partner).filter((one) => one === 'payment' || one === 'order')) {
    for (const { id, invoice } of await pullAll(world, partner, listOf(type)))
      ids.learn(id, type, ids.keyOf('invoice', invoice));
  }
  known.set(`${set.name} ${partner}`, ids);
  return ids;
}

const known = new Map<string, Ids>();

const nameOf = ({ contact }: Received) => (contact as { name: string }).name;
const peopleOf = (customer: Received): Received[] =>
  Object.values(customer).flatMap((member) => (member as { people?: Received[] }).people ?? []);

/** A record with the source's keys for its ids; what stands for nothing becomes undefined. */
function told(ids: Ids, type: string, record: Received): Received {
  const entries = Object.entries(record).map(([name, value]) => {
    if (name === 'id') return [name, ids.keyOf(type, value)];
    if (['customer', 'service', 'invoice'].includes(name)) return [name, ids.keyOf(name, value)];
    const { people, ...others } = value as { people?: Received[] };
    const named = people?.map((one) => ({ ...one, id: ids.keyOf('person', one['id']) }));
    return [name, named ? { ...others, people: named } : value];
  });
  return Object.fromEntries(entries) as Received;
}

const byId = (records: readonly Received[]) =>
  records.toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));

const prefixes = { customer: 'cus_', invoice: 'inv_', payment: 'pay_' };

/** So many of them, from the whole length of the list. */
function spread(ids: readonly string[], count: number): string[] {
  const step = Math.max(1, Math.floor(ids.length / count));
  return ids.filter((_, i) => i % step === 0).slice(0, count);
}

/** What of each type is asked for by its date: the field, how it is written, and its first moment. */
const dates = {
  invoice: { field: "body ->> 'issuedOn'", moment: (day: string) => day },
  payment: { field: "left(body ->> 'settledAt', 10)", moment: (day: string) => `${day}T00:00:00Z` },
  order: { field: "body ->> 'orderedOn'", moment: (day: string) => day },
};

/** Fields asked for, and the oracle's own record cut to them. */
const cuts: readonly [type: string, fields: string, shows: string][] = [
  ['customer', 'contact.name', `jsonb_build_object('id', body -> 'id',
    'contact', jsonb_build_object('name', body #> '{contact,name}'))`],
  ['customer', 'contact.address.city,contact.phone', `jsonb_build_object('id', body -> 'id',
    'contact', jsonb_build_object('phone', body #> '{contact,phone}',
      'address', jsonb_build_object('city', body #> '{contact,address,city}')))`],
  ['invoice', 'total', `jsonb_build_object('id', body -> 'id', 'total', body -> 'total')`],
  ['invoice', 'number,issuedOn', `jsonb_build_object('id', body -> 'id',
    'number', body -> 'number', 'issuedOn', body -> 'issuedOn')`],
  ['payment', 'customer,amount.amount', `jsonb_build_object('id', body -> 'id',
    'customer', body -> 'customer',
    'amount', jsonb_build_object('amount', body #> '{amount,amount}'))`],
  ['order', 'shipTo.city,lines.*.product', `jsonb_build_object('id', body -> 'id',
    'lines', (select jsonb_agg(jsonb_build_object('product', line -> 'product') order by n)
      from jsonb_array_elements(body -> 'lines') with ordinality as l(line, n)),
    'shipTo', jsonb_build_object('city', body #> '{shipTo,city}'))`],
]; // prettier-ignore

for (const set of sets) {
  const path = `data/${set.name}/customers.ndjson`;

  referenceTest(
    path,
    `${set.name}: whole walks of every partner equal the source, by pages of any size and as a stream`,
    async () => {
      const world = worldOf(set);
      for (const { partner, owner } of partnersOf(set)) {
        const ids = await learnIds(set, partner, owner);
        for (const type of typesOf(partner)) {
          const expected = await recordsOf(world.house.admin, { set, partner: owner, type });
          const walked = await pullAll(world, partner, listOf(type), { size: 1000 });
          const records = walked.map((one) => told(ids, type, one));
          expect([partner, type, byId(records)]).toEqual([
            partner,
            type,
            byId(expected.map(({ body }) => body)),
          ]);
          const ways = [
            await pullAll(world, partner, listOf(type), { size: 7 }),
            await pullAll(world, partner, `records/${type}`, { size: 50 }),
            await streamAll(world, partner, listOf(type)),
            await streamAll(world, partner, `records/${type}`),
          ];
          const same = JSON.stringify(walked);
          for (const way of ways) expect(JSON.stringify(way)).toBe(same);
        }
      }
    },
    120_000,
  );

  referenceTest(
    path,
    `${set.name}: what is narrowed by customer, date or fields equals the source narrowed alike`,
    async () => {
      const world = worldOf(set);
      const { admin } = world.house;
      for (const { partner, owner } of partnersOf(set)) {
        const ids = await learnIds(set, partner, owner);
        const compare = async (
          type: string,
          narrowed: string,
          by: { where?: string; shows?: string },
        ): Promise<number> => {
          const expected = await recordsOf(admin, { set, partner: owner, type }, by);
          const pages = await pullAll(world, partner, listOf(type), { size: 20, narrowed });
          const records = byId(pages.map((one) => told(ids, type, one)));
          expect([narrowed, records]).toEqual([narrowed, byId(expected.map(({ body }) => body))]);
          const streamed = await streamAll(world, partner, listOf(type), narrowed);
          expect(JSON.stringify(streamed)).toBe(JSON.stringify(pages));
          return pages.length;
        };
        const customers = await recordsOf(admin, { set, partner: owner, type: 'customer' });
        for (const type of typesOf(partner)) {
          const whole = await recordsOf(admin, { set, partner: owner, type });
          let sum = 0;
          for (const { customer } of customers) {
            const narrowed = `&customer=${ids.idOf('customer', customer)}`;
            const pages = await pullAll(world, partner, listOf(type), { size: 20, narrowed });
            const theirs = whole.filter((one) => one.customer === customer);
            expect([customer, byId(pages.map((one) => told(ids, type, one)))]).toEqual([
              customer,
              byId(theirs.map(({ body }) => body)),
            ]);
            sum += pages.length;
          }
          expect([type, sum]).toEqual([type, whole.length]);
        }
        for (const [type, { field, moment }] of Object.entries(dates)) {
          if (!typesOf(partner).includes(type)) continue;
          const { rows } = await admin.raw<{
            rows: { first: string; middle: string; last: string }[];
          }>(
            `select min(at)::text as first, max(at)::text as last,
              (percentile_disc(0.5) within group (order by at))::text as middle
             from ledger where partner = ?`,
            [owner],
          );
          const { first = '', middle = '', last = '' } = rows[0] ?? {};
          const upTo = await compare(type, `&to=${moment(middle)}`, { where: `${field} < '${middle}'` }); // prettier-ignore
          const since = await compare(type, `&from=${moment(middle)}`, { where: `${field} >= '${middle}'` }); // prettier-ignore
          expect(Math.min(upTo, since)).toBeGreaterThan(0);
          const within = `${field} >= '${first}' and ${field} < '${last}'`;
          await compare(type, `&from=${moment(first)}&to=${moment(last)}`, { where: within });
          const [one] = customers;
          await compare(
            type,
            `&customer=${ids.idOf('customer', one?.customer ?? '')}&from=${moment(middle)}`,
            { where: `customer = '${one?.customer ?? ''}' and ${field} >= '${middle}'` },
          );
        }
        for (const [type, fields, shows] of cuts) {
          if (typesOf(partner).includes(type)) await compare(type, `&fields=${fields}`, { shows });
        }
      }
    },
    120_000,
  );

  referenceTest(
    path,
    `promise P09: ${set.name}: no id means anything to two partners`,
    async () => {
      const seen = new Map<string, string>();
      for (const { partner, owner } of partnersOf(set)) {
        for (const id of (await learnIds(set, partner, owner)).all()) {
          expect([id, seen.get(id.slice(4)), partner]).toEqual([id, undefined, partner]);
          seen.set(id.slice(4), partner);
        }
      }
      expect(seen.size).toBeGreaterThan(800);
    },
    60_000,
  );

  referenceTest(
    path,
    `promise P09: ${set.name}: every partner hears of the ids of every other what it hears of none`,
    async () => {
      const { gateway, tokens } = worldOf(set);
      const idsOf = new Map<string, Map<string, string[]>>();
      for (const { partner, owner } of partnersOf(set)) {
        const ids = (await learnIds(set, partner, owner)).all();
        const samples = Object.entries(prefixes).map(([type, prefix]): [string, string[]] => [
          type,
          spread(
            ids.filter((id) => id.startsWith(prefix)),
            foreign,
          ),
        ]);
        idsOf.set(partner, new Map(samples));
      }
      for (const [partner, own] of idsOf) {
        const ask = (target: string) => answerOf(gateway, { path: target }, tokens.get(partner));
        for (const [type, prefix] of Object.entries(prefixes)) {
          const list = `/v1/records/${type}`;
          const never = `${prefix}${Buffer.alloc(16, 7).toString('base64url')}`;
          const missing = await ask(`${list}/${never}`);
          const seen = await ask(`${list}/${own.get(type)?.[0] ?? ''}`);
          expect([missing.slice(0, 3), seen.slice(0, 3)]).toEqual(['404', '200']);
          const empty = await ask(`/v1/invoices?customer=${never}`);
          for (const [other, theirs] of idsOf) {
            for (const id of other === partner ? [] : (theirs.get(type) ?? [])) {
              expect([other, id, await ask(`${list}/${id}`)]).toEqual([other, id, missing]);
              if (type !== 'customer') continue;
              const narrowed = await ask(`/v1/invoices?customer=${id}`);
              expect([other, id, narrowed]).toEqual([other, id, empty]);
            }
          }
        }
      }
    },
    120_000,
  );
}
