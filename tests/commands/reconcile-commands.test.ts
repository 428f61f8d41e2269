import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { givenPerson } from '../people/given-people.ts';
import { closeStatements } from '../../src/settlements/index.ts';
import { runCommand } from '../support/run-command.ts';
import { givenPartner, givenSharedCustomer } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(120_000);

let house: House;
let [finn, fay] = ['', ''];
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-reconcile-'));

beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  const { partner } = await givenPartner(tools);
  await givenSharedCustomer(tools, partner, 'ada');
  const { id: by, key } = await givenPerson(tools, ['finance']);
  [finn, fay] = [key, (await givenPerson(tools, ['finance'])).key];
  await closeStatements(tools, { month: '2026-03', by });
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function sluice(key: string, ...words: string[]) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
    ...(key !== '' && { SLUICE_STAFF_KEY: key }),
  });
}

test('finance takes a claim that came by mail, compares, disputes and accepts it with a second person', async () => {
  const file = join(dataDir, 'claim.csv');
  writeFileSync(file, 'customer;amount\n=R-1;4.00\nR-2;1.00\n');
  const where = ['--partner', 'brightside'];
  const for3 = [...where, '--period', '2026-03', '--currency', 'EUR'];
  expect((await sluice('', 'reconcile', file, ...for3)).text).toContain('staff-key-needed');
  expect((await sluice(finn, 'reconcile', file, ...where)).code).toBe(2);
  expect((await sluice(finn, 'reconcile')).code).toBe(2);
  const taken = await sluice(finn, 'reconcile', file, ...for3, '--json');
  const { id, status, comparison } = JSON.parse(taken.text) as Record<string, unknown>;
  expect({ status, comparison }).toMatchObject({
    status: 'open',
    comparison: { difference: { amount: 260 }, outcomes: { 'not-claimed': { rows: 1 } } },
  });
  const again = await sluice(finn, 'reconcile', file, ...for3, '--json');
  expect((JSON.parse(again.text) as { id: string }).id).toBe(id);
  const it = [String(id), ...where];
  const shown = await sluice('', 'reconcile', 'show', ...it);
  expect(shown.text).toMatch(/not-matched +2 +5.00 +0.00 +5.00/);
  const due = ['--due', '2099-12-01', '--reason', 'asked'];
  expect((await sluice(finn, 'reconcile', 'dispute', ...it, ...due)).text).toContain('is disputed');
  const list = await sluice('', 'reconcile', 'list', '--status', 'disputed', '--json');
  expect(JSON.parse(list.text)).toMatchObject([{ partner: 'brightside', due: '2099-12-01' }]);
  const report = join(dataDir, 'report.csv');
  await sluice('', 'reconcile', 'report', ...it, '--out', report);
  expect(readFileSync(report, 'utf8')).toContain("'=R-1");
  expect(statSync(report).mode & 0o077).toBe(0);
  const theirs = ['--theirs', '--lines', '2', '--reason', 'by hand'];
  const proposed = await sluice(finn, 'reconcile', 'accept', ...it, ...theirs);
  const [, proposal = ''] = /approve ([0-9a-f-]{36})/.exec(proposed.text) ?? [];
  expect((await sluice(fay, 'proposal', 'approve', proposal)).code).toBe(0);
  expect((await sluice('', 'reconcile', 'show', ...it)).text).toContain('is accepted-theirs');
  writeFileSync(file, 'customer;amount\nR-1;4,00\n');
  const refused = await sluice(finn, 'reconcile', file, ...for3);
  expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('claim-invalid, at amount, line 2')]); // prettier-ignore
  expect((await sluice('', 'reconcile', 'forget')).text).toContain('0 claims forgotten');
});
