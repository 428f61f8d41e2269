import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { prepareMapping, readMapping } from '../../src/mapping/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-mapping-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const customer = { type: 'customer', file: 'c.ndjson', expression: '{"id": id}' };
const payment = { type: 'payment', file: 'p.csv', expression: '{"amount": $minor(a)}' };
const joined = {
  ...customer,
  key: 'id',
  keyOrder: 'text',
  joins: [{ name: 'lines', file: 'l.ndjson', key: 'id', many: true }],
};

test('a mapping may leave unsaid what no record needs', async () => {
  const { records } = await prepareMapping({ records: [customer, joined] });
  expect(records.map(({ source }) => source.type)).toEqual(['customer', 'customer']);
});

test('lines of an expression are one expression', async () => {
  const { records } = await prepareMapping({
    records: [{ ...customer, expression: ['{', '"id": id', '}'] }],
  });
  expect(await records[0]?.mapRow({ id: 'a' }, {})).toEqual({ records: [{ id: 'a' }] });
});

test.each<[string, unknown, RegExp]>([
  ['no object', [], /must be object/],
  ['no records', {}, /\/records is missing/],
  ['an unknown member', { records: [customer], currencies: 'EUR' }, /\/currencies is not known/],
  ['no type', { records: [{ file: 'a.csv', expression: 'a' }] }, /\/records\/0\/type is missing/],
  ['a key without an order', { records: [{ ...joined, keyOrder: undefined }] }, /keyOrder/],
  ['an unknown zone', { timeZone: 'Mars/Base', records: [customer] }, /\/timeZone .*IANA/],
  ['a fixed offset', { timeZone: '+02:00', records: [customer] }, /\/timeZone .*IANA/],
  ['an unknown currency', { currency: 'XYZ', records: [customer] }, /\/currency .*ISO 4217/],
  ['no currency', { tax: 'none', records: [payment] }, /\/records\/0\/expression .*currency/],
  ['no tax', { currency: 'EUR', records: [payment] }, /\/tax must say .*payment/],
  ['no zone', { records: [{ ...customer, expression: '$instant(a)' }] }, /time zone/],
  ['a way out', { records: [{ ...customer, file: 'a/../../c.csv' }] }, /\/records\/0\/file leaves/],
  ['an absolute path', { records: [{ ...customer, file: '/c.csv' }] }, /\/records\/0\/file/],
  [
    'no format',
    { records: [{ ...customer, file: 'c.txt' }] },
    /\/records\/0\/format must be named/,
  ],
  ['a delimiter of NDJSON', { records: [{ ...customer, delimiter: ';' }] }, /delimiter/],
  [
    'a name twice',
    { records: [{ ...joined, joins: [...joined.joins, ...joined.joins] }] },
    /lines twice/,
  ],
  [
    'a service twice',
    { services: [1, 2].map(() => ({ id: 's', code: 'S', name: 'S' })), records: [customer] },
    /names s twice/,
  ],
  [
    'arithmetic',
    { records: [{ ...customer, expression: ['{', ' "a": b + c }'] }] },
    /line 2, character 9: \+ calculates/,
  ],
  ['broken syntax', { records: [{ ...customer, expression: '{"a": ' }] }, /character 6: /],
])('%s is refused', async (_, mapping, reason) => {
  const given: unknown = JSON.parse(JSON.stringify(mapping));
  await expect(prepareMapping(given)).rejects.toMatchObject({
    kind: { code: 'mapping-invalid' },
    message: expect.stringMatching(reason),
  });
});

test('every fault is named at once', async () => {
  const faulty = { ...payment, expression: '$sum(a) * $minor(b)' };
  await expect(prepareMapping({ records: [faulty] })).rejects.toThrow(
    /\/tax .*\$sum.*\* calculates.*currency/,
  );
});

test('a missing or unreadable file is refused', async () => {
  await expect(readMapping(join(folder, 'none.json'))).rejects.toMatchObject({
    kind: { code: 'file-missing' },
  });
  const path = join(folder, 'twice.json');
  writeFileSync(path, '{"records": [],\n "records": []}');
  await expect(readMapping(path)).rejects.toMatchObject({
    kind: { code: 'mapping-invalid' },
    facts: { line: 2 },
  });
});
