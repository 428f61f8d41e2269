import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadRecords, type FileReport } from '../../src/loading/index.ts';
import { prepareMapping } from '../../src/mapping/index.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
const root = mkdtempSync(join(tmpdir(), 'sluice-load-'));
beforeAll(async () => {
  house = await openHouse();
});
afterAll(async () => {
  await house.close();
  rmSync(root, { recursive: true });
});

function folderOf(name: string, files: Record<string, string>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}
const heldRecords = async (prefix: string) => {
  const rows = await house
    .admin('records')
    .where('source_key', 'like', `${prefix}%`)
    .orderBy('source_key')
    .select('record_type', 'source_key', 'body');
  return rows.map((row: Record<string, unknown>) => row['source_key']);
};

const services = [{ id: 'store', code: 'STORE', name: 'Store' }];
const customers = {
  type: 'customer',
  file: 'customers.csv',
  expression: '{"id": id, "contact": {"kind": "person", "name": name}}',
};
const invoices = {
  type: 'invoice',
  file: 'invoices.ndjson',
  key: 'id',
  keyOrder: 'text',
  joins: [{ name: 'lines', file: 'lines.csv', key: 'invoice', many: true }],
  expression: `{"id": id, "customer": customer, "service": "store", "number": id, "issuedOn": $day(on),
    "total": $minor(total), "lines": [$lines.{"amount": $minor(amount)}]}`,
};
const mapping = { currency: 'EUR', tax: 'none', services, records: [customers, invoices] };

test('a load may be run again: what is held is unchanged, what differs is changed', async () => {
  const ready = await prepareMapping(mapping);
  const lines = 'invoice,amount\nr1,1.00\nr1,2.00\n';
  const first = folderOf('first', {
    'customers.csv': 'id,name\nr-a,Anna\nr-b,Bert\n',
    'invoices.ndjson': '{"id":"r1","customer":"r-a","on":"2026-01-02","total":"3.00"}\n',
    'lines.csv': lines,
  });
  const second = folderOf('second', {
    'customers.csv': 'id,name\nr-a,Anna\nr-b,Berta\n',
    'invoices.ndjson': '{"id":"r1","customer":"r-a","on":"2026-01-02","total":"3.00"}\n',
    'lines.csv': lines,
  });
  const counts = async (folder: string) => {
    const { files, rejections, stopped } = await loadRecords(house.tools, {
      folder,
      mapping: ready,
    });
    expect({ rejections, stopped }).toEqual({ rejections: [], stopped: null });
    return files.map((file) => [file.type, file.read, file.new, file.changed, file.unchanged]);
  };
  expect(await counts(first)).toEqual([
    ['service', 1, 1, 0, 0],
    ['customer', 2, 2, 0, 0],
    ['invoice', 1, 1, 0, 0],
  ]);
  expect(await counts(second)).toEqual([
    ['service', 1, 0, 0, 1],
    ['customer', 2, 0, 1, 1],
    ['invoice', 1, 0, 0, 1],
  ]);
});

test('what is wrong is named by file, line and field, and everything else is taken', async () => {
  const ready = await prepareMapping(mapping);
  const folder = folderOf('wrong', {
    'customers.csv': 'id,name\nw-a,Anna\nw-b\nw-c,4111 1111 1111 1111\n,Nobody\n',
    'invoices.ndjson': [
      '{"id":"w1","customer":"w-a","on":"2026-01-02","total":"3.00"}',
      '{"id":"w2","customer":"w-a","on":"2026-01-02","total":"3.005"}',
      '{"id":"w3","customer":"w-none","on":"2026-01-02","total":"3.00"}',
      '{"id":"w4","customer":"w-a","on":"2026-02-30","total":"3.00"}',
      '{"id":"w5","customer":"w-a","on":"2026-01-02","total":"3.00","total":"4.00"}',
      '{"id":"w6","customer":"w-a","on":"2026-01-02","total":3.5}',
      '{"id":"w7","customer":"w-a","on":"2026-01-02","total":"3.00"}',
    ].join('\n'),
    'lines.csv': 'invoice,amount\nw1,1.00\nw2,1.00\nw3,2.00\nw5,1.00\nw7\n',
  });
  const seen: FileReport[] = [];
  const report = await loadRecords(house.tools, {
    folder,
    mapping: ready,
    onProgress: (file) => seen.push({ ...file }),
  });
  expect(
    report.rejections.map(({ file, line, field }) => `${file}:${line} ${field}`).sort(),
  ).toEqual([
    'customers.csv:3 ',
    'customers.csv:4 /contact/name',
    'customers.csv:5 /id',
    'invoices.ndjson:2 ',
    'invoices.ndjson:3 /customer',
    'invoices.ndjson:4 ',
    'invoices.ndjson:5 ',
    'invoices.ndjson:6 ',
    'invoices.ndjson:7 ',
    'lines.csv:5 ',
    'lines.csv:6 ',
  ]);
  expect(JSON.stringify(report)).not.toContain('4111');
  expect(report.files.slice(1)).toMatchObject([
    { read: 4, accepted: 1, new: 1, rejected: 3 },
    { read: 7, accepted: 1, new: 1, rejected: 8 },
  ]);
  expect(seen.at(-1)).toEqual(report.files.at(-1));
  expect(await heldRecords('w')).toEqual(['w-a', 'w1']);
});

test('a dry run checks and stores nothing', async () => {
  const ready = await prepareMapping(mapping);
  const folder = folderOf('dry', {
    'customers.csv': 'id,name\nd-a,Anna\n,Nobody\n',
    'invoices.ndjson': '{"id":"d1","customer":"d-none","on":"2026-01-02","total":"3.00"}\n',
    'lines.csv': 'invoice,amount\n',
  });
  const report = await loadRecords(house.tools, { folder, mapping: ready, dryRun: true });
  expect(report).toMatchObject({
    dryRun: true,
    files: [
      { type: 'service', accepted: 1, new: 0 },
      { type: 'customer', accepted: 1, new: 0, rejected: 1 },
      { type: 'invoice', accepted: 1, new: 0, rejected: 0 },
    ],
  });
  expect(await heldRecords('d')).toEqual([]);
});

test('promise P10: a payment that is still to come is rejected with its line, in a dry run as in a load', async () => {
  const payments = {
    type: 'payment',
    file: 'payments.csv',
    expression: `{"id": id, "customer": "f-a", "service": "store", "settledAt": at, "amount": $minor("1.00")}`,
  };
  const ready = await prepareMapping({ ...mapping, records: [customers, payments] });
  const folder = folderOf('future', {
    'customers.csv': 'id,name\nf-a,Anna\n',
    'payments.csv': 'id,at\nf1,2026-11-22T12:00:00Z\nf2,2026-11-22T12:00:01Z\n',
  });
  for (const dryRun of [true, false]) {
    const { rejections } = await loadRecords(house.tools, { folder, mapping: ready, dryRun });
    expect(rejections).toMatchObject([{ line: 3, field: '/settledAt', code: 'in-the-future' }]);
  }
  expect(await heldRecords('f')).toEqual(['f-a', 'f1']);
});

test('a file that is not sorted stops the load and is named', async () => {
  const ready = await prepareMapping(mapping);
  const folder = folderOf('unsorted', {
    'customers.csv': 'id,name\nu-a,Anna\n',
    'invoices.ndjson': ['u2', 'u1'].map((id) => `{"id":"${id}","customer":"u-a","on":"2026-01-02","total":"3.00"}\n`).join(''), // prettier-ignore
    'lines.csv': 'invoice,amount\n',
  });
  const { stopped } = await loadRecords(house.tools, { folder, mapping: ready });
  expect(stopped).toMatchObject({ file: 'invoices.ndjson', line: 2, code: 'not-sorted' });
  expect(await heldRecords('u')).toEqual(['u-a', 'u2']);
});

test('a mapping that names what is not there is refused before anything is stored', async () => {
  const folder = folderOf('missing', { 'customers.csv': 'id,name\nm-a,Anna\n' });
  const load = async (records: unknown[]) =>
    loadRecords(house.tools, { folder, mapping: await prepareMapping({ ...mapping, records }) });
  await expect(load([customers, invoices])).rejects.toMatchObject({
    kind: { code: 'file-missing' },
  });
  await expect(load([customers, { ...customers, type: 'parcel' }])).rejects.toMatchObject({
    kind: { code: 'mapping-invalid' },
  });
  expect(await heldRecords('m')).toEqual([]);
});

test('records that contradict what the mapping says of tax are rejected', async () => {
  const folder = folderOf('tax', { 'payments.csv': 'id,tax\n1,0.19\n2,\n' });
  const payments = {
    type: 'payment',
    file: 'payments.csv',
    expression: '{"id": id, "tax": $minor(tax, "EUR")}',
  };
  const codes = async (tax: string) => {
    const ready = await prepareMapping({ tax, records: [payments] });
    const { rejections } = await loadRecords(house.tools, { folder, mapping: ready, dryRun: true });
    return rejections
      .filter(({ code }) => code.startsWith('tax-'))
      .map(({ line, code }) => `${line} ${code}`);
  };
  expect(await codes('none')).toEqual(['2 tax-unexpected']);
  expect(await codes('named')).toEqual(['3 tax-missing']);
});

test('a load stops when too much is rejected', async () => {
  const folder = folderOf('many', { 'customers.csv': `id,name\n${'x\n'.repeat(12_000)}` });
  const ready = await prepareMapping({ records: [customers] });
  const { stopped, rejections } = await loadRecords(house.tools, {
    folder,
    mapping: ready,
    dryRun: true,
  });
  expect(stopped).toMatchObject({ line: 10_001, code: 'too-many-rejected' });
  expect(rejections).toHaveLength(10_000);
});
