import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { runCommand } from '../support/run-command.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(60_000);
let house: House;
const folder = mkdtempSync(join(tmpdir(), 'sluice-budgets-'));
chmodSync(folder, 0o755);

beforeAll(async () => {
  house = await openHouse();
  await givenPartner(house.tools);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

function budget(...words: string[]) {
  return runCommand(['partner', 'budget', ...words], {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: folder,
    SLUICE_LOG_LEVEL: 'silent',
  });
}

test('budgets are set in place of all before, shown with what is used, and taken away; the history stays', async () => {
  const none = { code: 0, text: 'No budgets: no limits.\n' };
  expect(await budget('brightside')).toEqual(none);
  const set = await budget('brightside', '--calls-per-day', '10', '--records-per-month', '500');
  expect(set.code).toBe(0);
  expect(set.text).toMatch(/^calls-per-day +10 +0 +10 +\S+Z$/m);
  const changed = await budget('brightside', '--calls-per-month', '7', '--json');
  expect(JSON.parse(changed.text)).toEqual([
    { budget: 'calls-per-month', limit: 7, used: 0, left: 7, resets: expect.any(String) },
  ]);
  expect(await budget('brightside', '--none')).toEqual(none);
  const history = house.admin('partner_budgets').orderBy('id');
  expect(await history.select('calls_per_day', 'calls_per_month', 'set_by')).toEqual([
    { calls_per_day: 10, calls_per_month: null, set_by: 'command line' },
    { calls_per_day: null, calls_per_month: 7, set_by: 'command line' },
    { calls_per_day: null, calls_per_month: null, set_by: 'command line' },
  ]);
});

test('what is no budget is refused in one sentence, and nothing is written', async () => {
  const before = await house.admin('partner_budgets').count();
  for (const words of [
    ['brightside', '--calls-per-day', '0'],
    ['brightside', '--calls-per-day', 'ten'],
    ['brightside', '--records-per-day', '1.5'],
    ['brightside', '--none', '--calls-per-day', '5'],
  ]) {
    const { code, text } = await budget(...words);
    expect(code).toBe(1);
    expect(text).toMatch(/^sluice: [^\n]+\(invalid-budget, at [a-z-]+\)\n$/);
  }
  expect((await budget('nobody', '--none')).text).toMatch(/unknown-partner/);
  expect(await house.admin('partner_budgets').count()).toEqual(before);
});
