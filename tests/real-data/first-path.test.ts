import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { checkJoint } from '../../src/joint/index.ts';
import { loadRecords } from '../../src/loading/index.ts';
import { readMapping } from '../../src/mapping/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import {
  givenPartner,
  givenRelationship,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';

/**
 * The main job from nothing, on data that nobody here wrote: each customer is attributed before its
 * first record to the partner that ledger.csv names, every partner pulls over HTTP, and what it
 * gets is compared with SQL that reads the source files and knows nothing of the gateway.
 */

const examples = new URL('../../examples/', import.meta.url);
const recordTypesDir = fileURLToPath(new URL('northwind/records', examples));

interface RealSet {
  readonly name: 'northwind' | 'chinook';
  readonly service: string;
  readonly partners: number;
  /** Customers who never ordered, and whom they are attributed to. */
  readonly neverPaid: Readonly<Record<string, string>>;
  readonly customers: number;
}
const sets: readonly RealSet[] = [
  {
    name: 'northwind',
    service: 'trade',
    partners: 9,
    neverPaid: { FISSA: '1', PARIS: '1' },
    customers: 91,
  },
  { name: 'chinook', service: 'store', partners: 3, neverPaid: {}, customers: 59 },
];

interface World {
  readonly house: House;
  readonly gateway: Express;
  readonly partners: Map<string, GivenPartner>;
  readonly tokens: Map<string, string>;
}
const worlds = new Map<string, World>();

beforeAll(async () => {
  for (const set of sets) {
    if (isHere(set)) worlds.set(set.name, await openWorld(set));
  }
}, 120_000);
afterAll(async () => {
  for (const { house } of worlds.values()) await house.close();
});

function isHere({ name }: RealSet): boolean {
  try {
    return readReference(`data/${name}/ledger.csv`) !== '';
  } catch {
    return false;
  }
}

async function openWorld(set: RealSet): Promise<World> {
  const house = await openHouse({ settings: { recordTypesDir } });
  const { tools, admin } = house;
  await admin.raw(
    'create table ledger (entry_id text, customer text, partner text, at date, amount numeric)',
  );
  const [, ...rows] = readReference(`data/${set.name}/ledger.csv`).trimEnd().split(/\r?\n/);
  const entries = rows.map((row) => {
    const [entry = '', customer = '', partner = '', at = '', , amount = ''] = row.split(',');
    return { entry_id: entry, customer, partner, at, amount };
  });
  await admin.batchInsert('ledger', entries, 500);
  const mapping = await readMapping(fileURLToPath(new URL(`${set.name}/mapping.json`, examples)));
  const folder = fileURLToPath(referenceUrl(`data/${set.name}`));
  const report = await loadRecords(tools, { folder, mapping });
  expect(report).toMatchObject({ rejections: [], stopped: null });
  const { rows: owners } = await admin.raw<{ rows: { customer: string; partner: string }[] }>(
    'select customer, min(partner) as partner, count(distinct partner) from ledger group by customer',
  );
  const attributed = [
    ...owners,
    ...Object.entries(set.neverPaid).map(([customer, partner]) => ({ customer, partner })),
  ];
  expect(attributed).toHaveLength(set.customers);
  const partners = new Map<string, GivenPartner>();
  const tokens = new Map<string, string>();
  const gateway = createGateway(tools);
  for (const key of [...new Set(attributed.map(({ partner }) => partner))].sort()) {
    const given = await givenPartner(tools, {
      key: `p${key}`,
      terms: {
        fee: { kind: 'percent', ratePercent: '20', rounding: 'half-even', currencies: ['USD'] },
      },
      validFrom: '1990-01-01',
      view: { customer: true, invoice: true, payment: true, refund: true },
    });
    partners.set(key, given);
    tokens.set(key, await givenToken(gateway, given));
  }
  for (const { customer, partner } of attributed) {
    const { partner: who } = partners.get(partner) ?? { partner: undefined };
    if (!who) throw new Error(`no partner ${partner}`);
    await givenRelationship(tools, who, customer, {
      at: new Date('1990-01-01T00:00:00Z'),
      serviceKey: set.service,
    });
  }
  return { house, gateway, partners, tokens };
}

async function pullAll(
  world: World,
  partner: string,
  list: string,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let query = '';
  for (;;) {
    const answer = await request(world.gateway)
      .get(`/v1/${list}?limit=100${query}`)
      .auth(world.tokens.get(partner) ?? '', { type: 'bearer' });
    expect([list, answer.status]).toEqual([list, 200]);
    const page = answer.body as { data: Record<string, unknown>[]; next: string | null };
    found.push(...page.data);
    if (page.next === null) return found;
    query = `&cursor=${page.next}`;
  }
}

const worldOf = (set: RealSet): World => {
  const world = worlds.get(set.name);
  if (!world) throw new Error(`${set.name} is not loaded`);
  return world;
};

for (const set of sets) {
  const path = `data/${set.name}/ledger.csv`;

  referenceTest(
    path,
    `${set.name}: each partner sees exactly its paying customers, their invoices and payments`,
    async () => {
      const world = worldOf(set);
      const { admin } = world.house;
      expect(world.partners.size).toBe(set.partners);
      let sum = 0;
      for (const partner of world.partners.keys()) {
        const [customers, invoices, payments, refunds] = await Promise.all(
          ['customers', 'invoices', 'payments', 'refunds'].map((list) =>
            pullAll(world, partner, list),
          ),
        );
        const { rows: names } = await admin.raw<{ rows: { name: string }[] }>(
          `select body #>> '{contact,name}' as name from records
         where record_type = 'customer' and source_key in (select customer from ledger where partner = ?)
         order by 1`,
          [partner],
        );
        const nameOf = ({ contact }: Record<string, unknown>) => (contact as { name: string }).name;
        expect(customers?.map(nameOf).sort()).toEqual(names.map(({ name }) => name).sort());
        const { rows: entries } = await admin.raw<{
          rows: { entry: string; at: string; cents: string }[];
        }>(
          `select entry_id as entry, to_char(at, 'YYYY-MM-DD') as at, (amount * 100)::bigint::text as cents
         from ledger where partner = ? order by entry_id`,
          [partner],
        );
        const told = (at: unknown, money: unknown) => {
          const { amount, currency } = money as { amount: number; currency: string };
          return [at, String(amount), currency].join(' ');
        };
        const expected = entries.map(({ at, cents }) => [at, cents, 'USD'].join(' ')).sort();
        expect(invoices?.map((one) => told(one['issuedOn'], one['total'])).sort()).toEqual(
          expected,
        );
        expect(invoices?.map(({ number }) => String(number)).sort()).toEqual(
          entries.map(({ entry }) => entry).sort(),
        );
        const settledOn = (one: Record<string, unknown>) => String(one['settledAt']).slice(0, 10);
        expect(payments?.map((one) => told(settledOn(one), one['amount'])).sort()).toEqual(
          expected,
        );
        expect(refunds).toEqual([]);
        const own = new Set(customers?.map(({ id }) => id));
        for (const one of [...(invoices ?? []), ...(payments ?? [])])
          expect(own.has(one['customer'])).toBe(true);
        sum += entries.length;
      }
      const { rows: all } = await admin.raw<{ rows: { count: number }[] }>(
        'select count(*)::int as count from ledger',
      );
      expect(sum).toBe(all[0]?.count);
    },
    120_000,
  );

  referenceTest(
    path,
    `promise P14: ${set.name}: no business field reaches a referral partner, in a row or on the wire`,
    async () => {
      const world = worldOf(set);
      const { rows } = await world.house.admin.raw<{ rows: { types: string[]; texts: string } }>(
        `select array_agg(distinct record_type order by record_type) as types, count(business)::text as texts from joint_records`,
      );
      expect(rows).toEqual([{ types: ['customer', 'invoice', 'payment'], texts: '0' }]);
      for (const partner of world.partners.keys()) {
        const text = JSON.stringify([
          await pullAll(world, partner, 'customers'),
          await pullAll(world, partner, 'invoices'),
        ]);
        expect(text).not.toMatch(/"(freight|shipTo|unitPrice|discount|shipper|product)"|@/);
      }
    },
    120_000,
  );

  referenceTest(
    path,
    `promise P10: ${set.name}: who never paid is nowhere`,
    async () => {
      const world = worldOf(set);
      for (const [customer, partner] of Object.entries(set.neverPaid)) {
        const { rows } = await world.house.admin.raw<{ rows: { name: string; joint: string }[] }>(
          `select body #>> '{contact,name}' as name,
           (select count(*) from joint_records j where j.customer_id = records.customer_id)::text as joint
         from records where record_type = 'customer' and source_key = ?`,
          [customer],
        );
        expect(rows[0]?.joint).toBe('0');
        for (const one of world.partners.keys()) {
          const text = JSON.stringify(await pullAll(world, one, 'customers'));
          expect([partner, text.includes(rows[0]?.name ?? '?')]).toEqual([partner, false]);
        }
      }
      expect(await checkJoint(world.house.tools)).toEqual([]);
    },
    120_000,
  );

  referenceTest(
    `data/${set.name}/expected-fees.csv`,
    `${set.name}: accruals equal the published fees, every scenario, partner and month, both roundings, to the cent`,
    async () => {
      const world = worldOf(set);
      const { tools, admin } = world.house;
      const scenarios = rowsOf(`data/${set.name}/scenarios.csv`).filter(({ id }) =>
        id?.endsWith('_ever'),
      );
      expect(scenarios).toHaveLength(6);
      const published = rowsOf(`data/${set.name}/expected-fees.csv`).filter(
        (row) => row['level'] === 'per_entry' && row['month'] !== 'ALL',
      );
      let compared = 0;
      for (const { id, rate_percent: ratePercent } of scenarios) {
        for (const rounding of ['half-even', 'half-up']) {
          const fee = JSON.stringify({
            kind: 'percent',
            ratePercent,
            rounding,
            currencies: ['USD'],
          });
          await admin.raw(
            `update agreement_versions set terms = jsonb_set(terms, '{fee}', ?::jsonb)`,
            [fee],
          );
          await accrueFees(tools, {});
          const { rows: ours } = await admin.raw<{
            rows: { partner: string; month: string; fee: string; entries: number }[];
          }>(
            `select substr(p.key, 2) as partner, a.month, sum(a.fee_minor)::text as fee, count(*)::int as entries
           from fee_accruals a join partners p on p.id = a.partner_id group by 1, 2 order by 1, 2`,
          );
          const theirs = published.filter(({ scenario }) => scenario === id);
          const keyOf = (row: { partner: string; month: string; fee: string; entries: number }) =>
            `${row.partner} ${row.month} ${row.fee} ${String(row.entries)}`;
          const column = rounding === 'half-even' ? 'fee_half_even' : 'fee_half_up';
          expect(ours.map(keyOf).sort()).toEqual(
            theirs
              .map(
                (row) =>
                  `${row['partner'] ?? ''} ${row['month'] ?? ''} ${cents(row[column])} ${row['entries'] ?? ''}`,
              )
              .sort(),
          );
          compared += ours.length;
        }
      }
      expect(compared).toBeGreaterThan(1000);
    },
    300_000,
  );

  referenceTest(
    path,
    `${set.name}: the log of all that was pulled verifies`,
    async () => {
      const audit = await verifyLog(worldOf(set).house.tools);
      expect(audit.findings).toEqual([]);
      expect(audit.entries).toBeGreaterThan(0);
    },
    60_000,
  );
}

/** The files hold no quoted commas: a plain split reads them. */
function rowsOf(path: string): Record<string, string>[] {
  const [head = '', ...lines] = readReference(path).trimEnd().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((value, i) => [names[i], value])),
  );
}

/** "12.50" as minor units; the published fees have two decimals. */
function cents(text = ''): string {
  return String(BigInt(text.replace('.', '')));
}
