import { readdirSync } from 'node:fs';
import { expect } from '@jest/globals';
import { minorUnits } from '../../src/platform/money.ts';
import { readStrictJson } from '../../src/platform/strict-json.ts';
import { readCatalogue } from '../../src/catalogue/index.ts';
import { checkRecord, holdsCardNumber } from '../../src/records/index.ts';
import { noon } from '../support/house.ts';
import { readReference, referenceTest, referenceUrl } from '../support/reference.ts';

type Row = Record<string, unknown>;

const rowsOf = (path: string): Row[] =>
  readReference(path)
    .trimEnd()
    .split('\n')
    .map((line) => readStrictJson(Buffer.from(line), { maxBytes: 100_000 }) as Row);

for (const set of ['chinook', 'northwind']) {
  referenceTest(`data/${set}`, `no text of ${set} is taken for a card number`, () => {
    const files = readdirSync(referenceUrl(`data/${set}`)).filter((file) =>
      file.endsWith('.ndjson'),
    );
    expect(files.length).toBeGreaterThan(9);
    let texts = 0;
    for (const file of files) {
      for (const value of rowsOf(`data/${set}/${file}`).flatMap((row) => Object.values(row))) {
        if (typeof value !== 'string') continue;
        expect([value, holdsCardNumber(value)]).toEqual([value, false]);
        texts += 1;
      }
    }
    expect(texts).toBeGreaterThan(5000);
  });
}

const catalogue = readCatalogue([]);
const filled = (row: Row) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

referenceTest(
  'data/northwind/customers.ndjson',
  'every customer of Northwind is a sound record',
  () => {
    const customers = rowsOf('data/northwind/customers.ndjson');
    expect(customers).toHaveLength(91);
    for (const row of customers) {
      const people = [{ id: row['customer_id'], name: row['contact_name'] }];
      const address = { street: row['address'], city: row['city'], region: row['region'], postalCode: row['postal_code'], country: row['country'] }; // prettier-ignore
      const record = {
      id: row['customer_id'],
      contact: { kind: 'organisation', name: row['company_name'], phone: row['phone'], address: filled(address), people },
      additional: filled({ title: row['contact_title'], fax: row['fax'] }),
    }; // prettier-ignore
      expect([row, checkRecord(catalogue, 'customer', record, noon)]).toEqual([row, []]);
    }
  },
);

referenceTest('data/chinook/invoices.ndjson', 'every invoice of Chinook is a sound record', () => {
  const invoices = rowsOf('data/chinook/invoices.ndjson');
  expect(invoices).toHaveLength(412);
  for (const row of invoices) {
    const record = {
      id: String(row['invoice_id']),
      customer: String(row['customer_id']),
      service: 'music',
      number: String(row['invoice_id']),
      issuedOn: String(row['invoice_date']).slice(0, 10),
      total: { amount: Number(minorUnits(String(row['total']), 'USD')), currency: 'USD' },
    };
    expect([row, checkRecord(catalogue, 'invoice', record, noon)]).toEqual([row, []]);
  }
});
