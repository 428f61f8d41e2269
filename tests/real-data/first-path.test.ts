import { afterAll, beforeAll, expect } from '@jest/globals';
import { verifyLog } from '../../src/audit/index.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { checkJoint } from '../../src/joint/index.ts';
import { readReference, referenceTest } from '../support/reference.ts';
import { isHere, openWorld, pullAll, sets, type RealSet, type World } from './real-sets.ts';

/**
 * The main job from nothing, on data that nobody here wrote: each customer is attributed before its
 * first record to the partner that ledger.csv names, every partner pulls over HTTP, and what it
 * gets is compared with SQL that reads the source files and knows nothing of the gateway.
 */

const worlds = new Map<string, World>();

beforeAll(async () => {
  for (const set of sets) {
    if (isHere(set)) worlds.set(set.name, await openWorld(set));
  }
}, 120_000);
afterAll(async () => {
  for (const { house } of worlds.values()) await house.close();
});

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
