import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { loadRecords } from '../../src/loading/index.ts';
import { readMapping } from '../../src/mapping/index.ts';
import { openHouse, type House } from '../support/house.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';

/** Both real sets through their example mappings; counts and sums taken from the files by other means. */

const examples = new URL('../../examples/', import.meta.url);
const recordTypesDir = fileURLToPath(new URL('northwind/records', examples));

let house: House;
beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
});
afterAll(async () => {
  await house.close();
});

async function load(set: string) {
  const mapping = await readMapping(fileURLToPath(new URL(`${set}/mapping.json`, examples)));
  const folder = fileURLToPath(referenceUrl(`data/${set}`));
  return loadRecords(house.tools, { folder, mapping });
}

const lineCount = (path: string) => readReference(path).split('\n').filter(Boolean).length;

/** The cents of a column of a CSV file without quotes, by string surgery alone. */
function centsOf(path: string, column: number): bigint {
  const [, ...rows] = readReference(path).trim().split(/\r?\n/);
  return rows.reduce(
    (sum, row) => sum + BigInt((row.split(',')[column] ?? '').replace('.', '')),
    0n,
  );
}

async function sql<Row>(text: string): Promise<Row[]> {
  return (await house.admin.raw<{ rows: Row[] }>(text)).rows;
}

const sumOf = async (type: string, path: string, keys: string) => {
  const [row] = await sql<{ sum: string }>(
    `select coalesce(sum((body #>> '${path}')::numeric), 0) as sum from records
     where record_type = '${type}' and ${keys}`,
  );
  return BigInt(row?.sum ?? -1);
};

const ofChinook = `length(source_key) <= 3`;
const ofNorthwind = `length(source_key) = 5`;

referenceTest(
  'data/chinook/customers.ndjson',
  'Chinook loads without a rejected line',
  async () => {
    const report = await load('chinook');
    expect(report).toMatchObject({ rejections: [], stopped: null });
    expect(report.files.map(({ type, read, new: added }) => [type, read, added])).toEqual([
      ['service', 1, 1],
      ['customer', lineCount('data/chinook/customers.ndjson'), 59],
      ['invoice', lineCount('data/chinook/invoices.ndjson'), 412],
      ['payment', lineCount('data/chinook/invoices.ndjson'), 412],
    ]);
    const cents = centsOf('data/chinook/ledger.csv', 5);
    expect(cents).toBe(232860n);
    expect(await sumOf('invoice', '{total,amount}', ofChinook)).toBe(cents);
    expect(await sumOf('payment', '{amount,amount}', ofChinook)).toBe(cents);
    const [lines] = await sql(`
    select count(*)::int as lines, sum((line #>> '{amount,amount}')::numeric)::int as cents
    from records cross join jsonb_array_elements(body -> 'lines') as line
    where record_type = 'invoice' and ${ofChinook}`);
    expect(lines).toEqual({ lines: lineCount('data/chinook/invoice_lines.ndjson'), cents: 232860 });
  },
);

referenceTest('data/chinook/customers.ndjson', 'Chinook keeps what is easily lost', async () => {
  await load('chinook');
  const rows = await sql<{ source_key: string; city: string; postal: string; faxes: boolean }>(`
    select source_key, body #>> '{contact,address,city}' as city,
      body #>> '{contact,address,postalCode}' as postal, body -> 'additional' is not null as faxes
    from records where record_type = 'customer' and ${ofChinook}`);
  const of = (key: string) => rows.find(({ source_key }) => source_key === key);
  expect(of('54')?.city).toBe('Edinburgh ');
  expect(of('4')?.postal).toBe('0171');
  expect(rows.filter(({ faxes }) => faxes)).toHaveLength(59 - 47);
});

referenceTest(
  'data/northwind/orders.ndjson',
  'Northwind loads without a rejected line',
  async () => {
    const report = await load('northwind');
    expect(report).toMatchObject({ rejections: [], stopped: null });
    expect(report.files.map(({ type, read, accepted }) => [type, read, accepted])).toEqual([
      ['service', 1, 1],
      ['customer', lineCount('data/northwind/customers.ndjson'), 91],
      ['invoice', lineCount('data/northwind/orders.ndjson'), 830],
      ['payment', lineCount('data/northwind/orders.ndjson'), 830],
      ['order', lineCount('data/northwind/orders.ndjson'), 830],
    ]);
    const cents = centsOf('data/northwind/ledger.csv', 5);
    expect(cents).toBe(126579329n);
    expect(await sumOf('invoice', '{total,amount}', ofNorthwind)).toBe(cents);
    expect(await sumOf('payment', '{amount,amount}', ofNorthwind)).toBe(cents);
    const freight = readReference('data/northwind/orders.ndjson')
      .match(/"freight":"[0-9.]+"/g)
      ?.reduce((sum, text) => sum + BigInt(text.replace(/[^0-9]/g, '')), 0n);
    expect(await sumOf('order', '{freight,amount}', ofNorthwind)).toBe(freight);
    const [lines] = await sql(`
    select count(*)::int as lines, sum((line ->> 'quantity')::int)::int as pieces
    from records cross join jsonb_array_elements(body -> 'lines') as line
    where record_type = 'order'`);
    const pieces = readReference('data/northwind/order_details.ndjson')
      .match(/(?<="quantity":)\d+/g)
      ?.reduce((sum, text) => sum + Number(text), 0);
    expect(lines).toEqual({ lines: lineCount('data/northwind/order_details.ndjson'), pieces });
    const [shipped] = await sql(`
    select count(body ->> 'shippedOn')::int as shipped from records where record_type = 'order'`);
    expect(shipped).toEqual({ shipped: 830 - 21 });
  },
);

referenceTest('data/northwind/orders.ndjson', 'a second load changes nothing', async () => {
  await load('northwind');
  const { files } = await load('northwind');
  expect(files.map((file) => [file.type, file.new, file.changed, file.unchanged])).toEqual([
    ['service', 0, 0, 1],
    ['customer', 0, 0, 91],
    ['invoice', 0, 0, 830],
    ['payment', 0, 0, 830],
    ['order', 0, 0, 830],
  ]);
});
