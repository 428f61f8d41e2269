import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { runCommand } from '../support/run-command.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  money,
  payment,
  refund,
  service,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(60_000);

let house: House;
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-fees-'));

beforeAll(async () => {
  house = await openHouse();
  const { partner } = await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('ada')]);
  await givenRelationship(house.tools, partner, 'ada');
  await givenRecords(house.tools, [
    payment('p1', 'ada', { amount: money(123456) }),
    refund('r1', 'ada', 'p1'),
  ]);
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function sluice(...words: string[]) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
  });
}

test('finance previews, accrues and explains from the command line', async () => {
  const preview = await sluice('fees', 'preview', '--partner', 'brightside');
  const [table = '', footer = ''] = preview.text.split('\n\n');
  expect(footer).toMatch(/payment settled.*\n.*A negative fee is one the partner owes us/);
  expect(table.split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
    ['month', 'currency', 'payments', 'base', 'fee', 'reversals', 'reversed', 'total', 'no fee'],
    ['2026-03', 'EUR', '1', '1234.56', '246.91', '1', '-0.60', '246.31', '0'],
  ]);
  const accrued = await sluice('fees', 'accrue', '--partner', 'brightside', '--json');
  expect(JSON.parse(accrued.text)).toEqual([
    { partner: 'brightside', new: 2, changed: 0, unchanged: 0, withdrawn: 0 },
  ]);
  const lines = await sluice('fees', 'preview', '--partner', 'brightside', '--lines', '--json');
  const [first] = JSON.parse(lines.text) as Record<string, string>[];
  expect(first).toMatchObject({ customer: 'ada', service: 'store', fee: '246.91' });
  const line = String(first?.['line']);
  expect(line).toMatch(/^fee_/);
  const explained = await sluice('fees', 'explain', line, '--partner', 'brightside');
  expect(explained.code).toBe(0);
  expect(explained.text).toMatch(/^Payment of 1234\.56 EUR .*20 % of it is 246\.912 EUR, rounded/);
  const facts = explained.text
    .split('\n')
    .slice(2)
    .filter((row) => row !== '')
    .map((row) => row.split(/\s{2,}/)[0]);
  expect(facts).toEqual([...new Set(facts)]);
  const nameless = await sluice('fees', 'explain', line);
  expect(nameless).toEqual({
    code: 2,
    text: 'sluice: An id fee_… means something to one partner alone: name it with --partner. (misuse)\n',
  });
});

test('the draft statements are listed, and one is printed with its lines', async () => {
  await sluice('fees', 'accrue');
  const statement = ['fees', 'statement', '--partner', 'brightside'];
  const list = JSON.parse((await sluice(...statement, '--json')).text) as Record<string, string>[];
  const total = { accrued: '246.91', reversed: '-0.60', closing: '246.31', lines: 2 };
  expect(list).toMatchObject([{ status: 'draft', currency: 'EUR', opening: '0.00', ...total }]);
  const month = String(list[0]?.['statement']).slice(0, 7);
  const one = [...statement, '--month', month, '--currency', 'EUR'];
  expect(JSON.parse((await sluice(...one, '--json')).text)).toMatchObject({
    ...list[0],
    lines: [{ customer: 'ada' }, { customer: 'ada' }],
  });
  const text = (await sluice(...one)).text.split('\n\n');
  expect(text.map((table) => table.split('\n')[0]?.split(/\s+/)[0])).toEqual(['statement', 'line']);
  expect((await sluice(...statement, '--month', '2020-01')).text).toMatch(/^No statements/);
  const none = await sluice(...statement, '--month', '2020-01', '--currency', 'EUR');
  expect(none).toMatchObject({ code: 1, text: expect.stringContaining('unknown-statement') });
  expect((await sluice(...statement, '--currency', 'eur')).code).toBe(2);
});

test('finance sees what a quarter would have cost under other terms, and how relationships stood', async () => {
  const file = join(dataDir, 'terms.json');
  writeFileSync(file, JSON.stringify({ kind: 'percent', ratePercent: '10', currencies: ['EUR'] }));
  const words = ['fees', 'preview', '--partner', 'brightside', '--terms', file];
  const asked = await sluice(...words, '--quarter', '2026-Q1');
  expect(
    asked.text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/\s{2,}/)),
  ).toEqual([
    ['period', 'currency', 'present', 'proposed', 'difference'],
    ['2026-03', 'EUR', '246.31', '123.16', '-123.15'],
    ['2026-Q1', 'EUR', '246.31', '123.16', '-123.15'],
  ]);
  expect((await sluice(...words)).text).toMatch(/^No payment earned/);
  expect((await sluice(...words, '--quarter', '2026-Q5')).code).toBe(2);
  expect((await sluice(...words, '--month', '2026-03')).code).toBe(2);
  writeFileSync(file, JSON.stringify({ kind: 'percent', currencies: ['EUR'] }));
  const wrong = await sluice(...words);
  expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining('/fee/ratePercent') });
  const list = ['relationship', 'list', '--partner', 'brightside', '--json', '--at'];
  const status = async (when: string) =>
    (JSON.parse((await sluice(...list, when)).text) as { status: string }[]).map(
      (one) => one.status,
    );
  expect(await status('2026-02-01')).toEqual(['waiting for a payment']);
  expect(await status('2026-04-01')).toEqual(['active']);
  expect(await status('2025-04-01')).toEqual([]);
});

test('the whole terms of a version of an agreement are shown', async () => {
  const show = ['agreement', 'show', '--partner', 'brightside'];
  const told = (await sluice(...show)).text;
  expect(told).toMatch(/^terms\.fee\.currencies +EUR USD$/m);
  expect(told).toMatch(/^validUntil +none$/m);
  const one = JSON.parse((await sluice(...show, '--version', '1', '--json')).text) as object;
  expect(one).toMatchObject({ version: 1, terms: { fee: { ratePercent: '20' } } });
  expect(await sluice(...show, '--version', '9')).toMatchObject({
    code: 1,
    text: expect.stringContaining('unknown-version'),
  });
});

test('an unknown partner or line ends with 1, a month that is none with 2', async () => {
  for (const [code, words] of [
    [1, ['fees', 'preview', '--partner', 'nobody']],
    [1, ['fees', 'explain', 'fee_AAAAAAAAAAAAAAAAAAAAAA', '--partner', 'brightside']],
    [2, ['fees', 'preview', '--partner', 'brightside', '--month', '2026-13']],
    [2, ['fees', 'preview']],
  ] as const) {
    expect([words, (await sluice(...words)).code]).toEqual([words, code]);
  }
  const empty = await sluice('fees', 'preview', '--partner', 'brightside', '--month', '2020-01');
  expect(empty).toEqual({ code: 0, text: 'No payment earned and none was refunded.\n' });
});
