import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogueOf } from '../../src/catalogue/index.ts';
import {
  openDatabase,
  openSession,
  readerSession,
  type ReadStatement,
} from '../../src/platform/database.ts';
import { readPolicy } from '../../src/policy/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import type { CustomerId } from '../../src/records/index.ts';
import { compileView, type CompiledView } from '../../src/projection/index.ts';
import { findViews } from '../../src/views/index.ts';
import { givenPartner, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
const partners: Record<string, GivenPartner> = {};

const narrow = {
  customer: {
    properties: {
      contact: { properties: { name: true, address: { properties: { city: true } } } },
      billing: { properties: { address: { properties: { country: true } } } },
    },
  },
  invoice: {
    properties: { number: true, lines: { items: { properties: { quantity: true } } } },
  },
};

beforeAll(async () => {
  house = await openHouse();
  partners['narrow'] = await givenPartner(house.tools, { key: 'narrow', view: narrow });
  partners['whole'] = await givenPartner(house.tools, { key: 'whole' });
  await givenPartner(house.tools, { key: 'other' });
  await house.admin.raw(manyRows);
  const { first, last } = rangeOf(busy);
  // One customer with 300 invoices among the others, where its pairwise id puts them.
  await house.admin.raw(oneCustomersRows, [first, first, busyId(), partners['whole'].partner.id]);
  expect(first < last).toBe(true);
  await house.admin.raw('vacuum (analyze) joint_records');
});
afterAll(() => house.close());

/** 5,000 customers and as many invoices for each partner. */
const manyRows = `
  insert into joint_records (recipient_id, record_type, position, record_id, customer_id,
    subject_number, subject_id, kind, services, reference, contact, billing)
  select partners.id, type, md5(partners.key || type || number)::uuid, md5(type || number)::uuid,
    md5(number::text)::uuid, number, 'cus_' || number, 'referral', array[md5('store')::uuid], '{"id":"\\"id\\":\\"x\\""}',
    jsonb_build_object('contact.name', '"name":"Person ' || number || '"', 'contact.phone', repeat('1', 200)),
    jsonb_build_object('number', '"number":"' || number || '"',
      'issuedOn', '"issuedOn":"2026-' || lpad((1 + number % 12)::text, 2, '0') || '-01"', 'lines', '"lines":[{"quantity":"1"}]')
  from partners, unnest(array['customer', 'invoice']) as type, generate_series(1, 5000) as number`;

const busy = '11111111-2222-4333-8444-555555555555' as CustomerId;
const pairwise = () =>
  pairwiseOf(house.tools.settings.keys.pairwise, partners['whole']!.partner.id);
const busyId = () => pairwise().idOf('customer', busy);
const rangeOf = (customer: CustomerId) =>
  pairwise().positionsOf(pairwise().idOf('customer', customer));

const oneCustomersRows = `
  insert into joint_records (recipient_id, record_type, position, record_id, customer_id,
    subject_number, subject_id, kind, services, reference, contact, billing)
  select partners.id, 'invoice', (left(?::text, 24) || lpad(to_hex(number), 12, '0'))::uuid,
    md5('busy' || number)::uuid, md5(?::text)::uuid, 9999, ?, 'referral',
    array[md5('store')::uuid], '{"id":"\\"id\\":\\"x\\""}', null,
    jsonb_build_object('number', '"number":"' || number || '"', 'issuedOn', '"issuedOn":"2026-01-01"')
  from partners, generate_series(1, 300) as number where partners.id = ?`;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The plan that the reader's own pool would use, run once as the reader's role. */
async function planOf(
  recipientId: string,
  { text }: ReadStatement,
  randomPageCost: string,
  values: readonly string[] = [],
): Promise<Plan> {
  const db = openDatabase(house.urls.reader, { max: 1 });
  const session = await openSession(db);
  const position = values.length === 0 ? '80000000-0000-0000-0000-000000000000' : zero;
  const more = values.map((value) => `, '${value}'`).join('');
  await session.query(readerSession);
  await session.query(`set random_page_cost = ${randomPageCost}`);
  await session.query(`select set_config('app.recipient', '${recipientId}', false)`);
  await session.query(`prepare page as ${text}`);
  const { rows } = await session.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
    `explain (analyze, buffers, format json) execute page ('${recipientId}', '${position}', 101, null${more})`,
  );
  session.release();
  await db.destroy();
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (!plan) throw new Error('There is no plan.');
  return plan;
}

const zero = '00000000-0000-0000-0000-000000000000';

const cases = ['narrow', 'whole'].flatMap((partner) =>
  ['customer', 'invoice'].flatMap((recordType) =>
    ['1.1', '4'].map((randomPageCost) => ({ partner, recordType, randomPageCost })),
  ),
);

async function compiledOf(key: string, recordType: string): Promise<CompiledView> {
  const [view] = await findViews(house.tools.db, partners[key]!.partner.id);
  const type = catalogueOf(house.tools.settings).types.get(recordType)!;
  return compileView(
    { document: view!.document, kind: 'referral', policy: await readPolicy(house.tools.db) },
    type,
    ['contact', 'account', 'billing'],
  )!;
}

test.each(cases)(
  'a page of $recordType records through a $partner view is one range of the primary key at random_page_cost $randomPageCost',
  async ({ partner: key, recordType, randomPageCost }) => {
    const id = partners[key]!.partner.id;
    const compiled = await compiledOf(key, recordType);
    const plan = await planOf(id, compiled.page, randomPageCost);
    const nodes = nodesOf(plan);
    const scans = nodes.filter((node) => node['Relation Name'] === 'joint_records');
    expect(scans).toMatchObject([
      { 'Node Type': 'Index Scan', 'Index Name': 'joint_records_pkey', 'Actual Rows': 101 },
    ]);
    const range = scans[0]?.['Index Cond'] ?? '';
    for (const column of ['recipient_id', 'record_type', 'position'])
      expect(range).toContain(column);
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Sort');
    const buffers = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    expect(buffers).toBeLessThanOrEqual(101 * 1.5 + 10);
  },
);

const narrowings = ['1.1', '4'].flatMap((randomPageCost) =>
  ['customer', 'date', 'customer and date'].map((by) => ({ by, randomPageCost })),
);

test.each(narrowings)(
  'a page narrowed by $by is still one range of the primary key at random_page_cost $randomPageCost',
  async ({ by, randomPageCost }) => {
    const id = partners['whole']!.partner.id;
    const compiled = await compiledOf('whole', 'invoice');
    const filter = { customer: by.includes('customer'), date: by.includes('date') };
    const { first, last } = rangeOf(busy);
    const values = [
      ...(filter.customer ? [first, last, busyId()] : []),
      ...(filter.date ? ['2026-01-01', '2026-04-01'] : []),
    ];
    const plan = await planOf(id, compiled.filteredPage(filter), randomPageCost, values);
    const nodes = nodesOf(plan);
    const [scan, ...others] = nodes.filter((node) => node['Relation Name'] === 'joint_records');
    expect(others).toEqual([]);
    expect(scan).toMatchObject({
      'Node Type': 'Index Scan',
      'Index Name': 'joint_records_pkey',
      'Actual Rows': 101,
    });
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Sort');
    // Of other dates rows are read and left; of other customers none is even read.
    const left = scan?.['Rows Removed by Filter'] ?? 0;
    if (filter.customer) expect(left).toBe(0);
    else expect(left).toBeGreaterThan(0);
    const buffers = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    expect(buffers).toBeLessThanOrEqual((101 + left) * 1.5 + 10);
  },
);
