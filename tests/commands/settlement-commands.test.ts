import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { givenPerson } from '../people/given-people.ts';
import { builtMain } from '../support/build.ts';
import { endChildren, startNode } from '../support/child.ts';
import { givenPartner, givenSharedCustomer } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(120_000);

let house: House;
let [ada, ben] = ['', ''];
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-statement-'));

beforeAll(async () => {
  house = await openHouse();
  const { partner } = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, partner, 'ada');
  ada = (await givenPerson(house.tools, ['finance'])).key;
  ben = (await givenPerson(house.tools, ['finance'])).key;
});
afterAll(async () => {
  endChildren();
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function sluice(key: string, ...words: string[]) {
  const child = startNode([builtMain(), ...words], {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
    SLUICE_LETTERHEAD: 'The Ducallier Studios; 12 Harbour Street',
    ...(key !== '' && { SLUICE_STAFF_KEY: key }),
  });
  return { code: await child.ended(), text: child.text() };
}
const of = ['2026-03.EUR', '--partner', 'brightside'];

test('finance closes, reads, approves and pays a month from the command line', async () => {
  expect((await sluice('', 'fees', 'close', '--month', '2026-03')).text).toContain('staff-key-needed'); // prettier-ignore
  const closed = await sluice(ada, 'fees', 'close', '--month', '2026-03', '--json');
  expect(JSON.parse(closed.text)).toMatchObject([
    { partner: 'brightside', statement: '2026-03.EUR', status: 'closed', payout: '2.40' },
  ]);
  expect(await sluice(ada, 'fees', 'close', '--month', '2026-03')).toMatchObject({
    code: 1,
    text: expect.stringContaining('statement-closed'),
  });
  const shown = JSON.parse((await sluice('', 'statement', 'show', ...of)).text) as {
    document: string;
    lines: unknown[];
  };
  expect(JSON.parse(shown.document)).toMatchObject({ id: '2026-03.EUR', lineCount: 1 });
  expect(shown.lines).toHaveLength(1);
  const csv = await sluice('', 'statement', 'show', ...of, '--format', 'csv');
  expect(csv.text.split('\r\n')[0]).toMatch(/^row,line,reason,/);
  const pdf = join(dataDir, 'statement.pdf');
  expect((await sluice('', 'statement', 'show', ...of, '--format', 'pdf')).code).toBe(2);
  await sluice('', 'statement', 'show', ...of, '--format', 'pdf', '--out', pdf);
  expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  expect(statSync(pdf).mode & 0o077).toBe(0);
  expect((await sluice(ada, 'statement', 'approve', ...of)).text).toContain('second-person-needed');
  expect((await sluice(ben, 'statement', 'approve', ...of)).text).toContain('It is approved.');
  expect((await sluice(ben, 'statement', 'pay', ...of, '--reference', 'SEPA 1')).text).toContain('It is paid.'); // prettier-ignore
  const list = await sluice('', 'statement', 'list', '--status', 'paid', '--json');
  expect(JSON.parse(list.text)).toMatchObject([{ statement: '2026-03.EUR', status: 'paid' }]);
  const books = JSON.parse((await sluice('', 'ledger', 'trial-balance', '--json')).text) as {
    accounts: { account: string; debit: string; credit: string }[];
    totals: unknown;
  };
  expect(books.accounts.map(({ account, debit, credit }) => [account, debit, credit])).toEqual([
    ['clearing', '', '2.40'],
    ['partner-payable', '', ''],
    ['referral-expense', '2.40', ''],
  ]);
  expect(books.totals).toEqual([{ currency: 'EUR', 'debits less credits': '0.00' }]);
  expect((await sluice('', 'ledger', 'ageing')).text).toBe('Nothing is owed.\n');
});
