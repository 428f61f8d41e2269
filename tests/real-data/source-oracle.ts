import type { Database } from '../../src/platform/database.ts';
import { readReference } from '../support/reference.ts';
import type { RealSet } from './real-sets.ts';

/**
 * What a partner must see of a real set, in SQL over the rows of the source's own files: it reads no
 * table of the gateway and none of its code. Ids are the source's keys; a contact person has the key
 * of its customer, which has one at most.
 */

/** A record as the oracle has it. */
export interface SourceRecord {
  readonly customer: string;
  readonly body: Record<string, unknown>;
}

const files = {
  northwind: ['customers', 'orders', 'order_details'],
  chinook: ['customers', 'invoices', 'invoice_lines'],
} as const;

/** Loads the files of a set, line by line as they are, beside the `ledger` that is there already. */
export async function loadSource(admin: Database, set: RealSet): Promise<void> {
  for (const file of files[set.name]) {
    const table = `source_${file}`;
    await admin.raw(`create table ${table} (n int primary key, r jsonb not null)`);
    const lines = readReference(`data/${set.name}/${file}.ndjson`).trimEnd().split('\n');
    const rows = lines.map((r, n) => ({ n, r }));
    await admin.batchInsert(table, rows, 500);
    await admin.raw(
      `create index on ${table} ((r -> '${set.name === 'northwind' ? 'order_id' : 'invoice_id'}'))`,
    );
    await admin.raw(`analyze ${table}`);
  }
}

/** The records of a type of all customers of a partner, by customer and key. */
export async function recordsOf(
  admin: Database,
  { set, partner, type }: { set: RealSet; partner: string; type: string },
  /** What narrows them: SQL over `body`, which records and what of each. */
  { where = 'true', shows = 'body' }: { where?: string; shows?: string } = {},
): Promise<SourceRecord[]> {
  const whole = wholes[set.name][type];
  if (whole === undefined) return [];
  const { rows } = await admin.raw<{ rows: SourceRecord[] }>(
    `with whole as (select customer, jsonb_strip_nulls(body) as body from (${whole}) w),
      paying as (select distinct customer from ledger where partner = ? and amount > 0)
     select customer, jsonb_strip_nulls(${shows}) as body
     from whole join paying using (customer) where ${where}
     order by customer collate "C", body ->> 'id' collate "C"`,
    [partner],
  );
  return rows;
}

const cents = (amount: string) => `jsonb_build_object(
  'amount', ((${amount})::numeric * 100)::bigint, 'currency', 'USD')`;

const address = (prefix: string, region: string) => `jsonb_build_object(
  'street', r -> '${prefix}address', 'city', r -> '${prefix}city',
  'region', r -> '${prefix}${region}', 'postalCode', r -> '${prefix}postal_code',
  'country', r -> '${prefix}country')`;

/** One statement for each type: `customer`, `body`; what the source leaves null is left out. */
const wholes: Readonly<Record<RealSet['name'], Readonly<Record<string, string>>>> = {
  northwind: {
    customer: `select r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r -> 'customer_id',
        'contact', jsonb_build_object(
          'kind', 'organisation', 'name', r -> 'company_name', 'phone', r -> 'phone',
          'address', ${address('', 'region')},
          'people', jsonb_build_array(
            jsonb_build_object('id', r -> 'customer_id', 'name', r -> 'contact_name'))),
        'additional', jsonb_build_object(
          'fax', r -> 'fax',
          'people', jsonb_build_array(
            jsonb_build_object('id', r -> 'customer_id', 'title', r -> 'contact_title')))) as body
      from source_customers`,
    invoice: `select r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r ->> 'order_id', 'customer', r -> 'customer_id', 'service', 'trade',
        'number', r ->> 'order_id', 'issuedOn', left(r ->> 'order_date', 10),
        'total', ${cents('amount')}) as body
      from source_orders join ledger on entry_id = r ->> 'order_id'`,
    payment: `select r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r ->> 'order_id', 'customer', r -> 'customer_id', 'service', 'trade',
        'invoice', r ->> 'order_id',
        'settledAt', to_char(at, 'YYYY-MM-DD') || 'T00:00:00Z',
        'amount', ${cents('amount')}) as body
      from source_orders join ledger on entry_id = r ->> 'order_id'`,
    order: `select o.r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r ->> 'order_id', 'customer', r -> 'customer_id', 'service', 'trade',
        'invoice', r ->> 'order_id', 'orderedOn', left(r ->> 'order_date', 10),
        'requiredOn', left(r ->> 'required_date', 10),
        'shippedOn', left(r ->> 'shipped_date', 10),
        'shipper', r ->> 'ship_via', 'freight', ${cents("r ->> 'freight'")},
        'lines', (select jsonb_agg(jsonb_build_object(
            'product', d.r ->> 'product_id', 'quantity', d.r ->> 'quantity',
            'unitPrice', ${cents("d.r ->> 'unit_price'")}, 'discount', d.r ->> 'discount')
            order by d.n)
          from source_order_details d where d.r -> 'order_id' = o.r -> 'order_id'),
        'shipTo', jsonb_build_object(
          'name', r -> 'ship_name', 'street', r -> 'ship_address', 'city', r -> 'ship_city',
          'region', r -> 'ship_region', 'postalCode', r -> 'ship_postal_code',
          'country', r -> 'ship_country')) as body
      from source_orders o`,
  },
  chinook: {
    customer: `select r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r ->> 'customer_id',
        'contact', jsonb_build_object(
          'kind', 'person', 'name', (r ->> 'first_name') || ' ' || (r ->> 'last_name'),
          'givenName', r -> 'first_name', 'familyName', r -> 'last_name',
          'organisation', r -> 'company', 'phone', r -> 'phone',
          'address', ${address('', 'state')}),
        'email', jsonb_build_object('address', r -> 'email'),
        'additional', case when r ->> 'fax' is not null
          then jsonb_build_object('fax', r -> 'fax') end,
        'billing', jsonb_build_object(
          'name', (r ->> 'first_name') || ' ' || (r ->> 'last_name'),
          'address', ${address('', 'state')})) as body
      from source_customers`,
    invoice: `select r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r ->> 'invoice_id', 'customer', r ->> 'customer_id', 'service', 'store',
        'number', r ->> 'invoice_id', 'issuedOn', left(r ->> 'invoice_date', 10),
        'total', ${cents("r ->> 'total'")},
        'billTo', jsonb_build_object('address', ${address('billing_', 'state')}),
        'lines', (select jsonb_agg(jsonb_build_object(
            'quantity', l.r ->> 'quantity', 'price', ${cents("l.r ->> 'unit_price'")},
            'amount', ${cents("(l.r ->> 'unit_price')::numeric * (l.r ->> 'quantity')::int")})
            order by l.n)
          from source_invoice_lines l where l.r -> 'invoice_id' = i.r -> 'invoice_id')) as body
      from source_invoices i`,
    payment: `select r ->> 'customer_id' as customer, jsonb_build_object(
        'id', r ->> 'invoice_id', 'customer', r ->> 'customer_id', 'service', 'store',
        'invoice', r ->> 'invoice_id',
        'settledAt', (r ->> 'invoice_date') || 'Z',
        'amount', ${cents("r ->> 'total'")}) as body
      from source_invoices`,
  },
};
