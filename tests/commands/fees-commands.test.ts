import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { builtMain } from '../support/build.ts';
import { endChildren, startNode } from '../support/child.ts';
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
  endChildren();
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function sluice(...words: string[]) {
  const child = startNode([builtMain(), ...words], {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
  });
  return { code: await child.ended(), text: child.text() };
}

test('finance previews, accrues and explains from the command line', async () => {
  const preview = await sluice('fees', 'preview', '--partner', 'brightside');
  expect(preview.text.split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
    ['month', 'currency', 'payments', 'base', 'fee', 'reversals', 'reversed', 'total', 'no fee'],
    ['2026-03', 'EUR', '1', '1234.56', '246.91', '1', '-0.60', '246.31', '0'],
    [''],
  ]);
  const accrued = await sluice('fees', 'accrue', '--partner', 'brightside', '--json');
  expect(JSON.parse(accrued.text)).toEqual([
    { partner: 'brightside', new: 2, changed: 0, unchanged: 0, withdrawn: 0 },
  ]);
  const lines = await sluice('fees', 'preview', '--partner', 'brightside', '--lines', '--json');
  const [first] = JSON.parse(lines.text) as { line: string; fee: string }[];
  expect(first?.fee).toBe('246.91');
  const explained = await sluice('fees', 'explain', String(first?.line));
  expect(explained).toMatchObject({
    code: 0,
    text: expect.stringContaining('20 % of it is 246.912 EUR, rounded half-even to 246.91 EUR'),
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
