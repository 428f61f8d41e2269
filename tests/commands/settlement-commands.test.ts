import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { givenPerson } from '../people/given-people.ts';
import { runCommand } from '../support/run-command.ts';
import { givenPartner, givenSharedCustomer } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(300_000);

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
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function sluice(key: string, ...words: string[]) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
    SLUICE_LETTERHEAD: 'The Ducallier Studios; 12 Harbour Street',
    ...(key !== '' && { SLUICE_STAFF_KEY: key }),
  });
}
const of = ['2026-03.EUR', '--partner', 'brightside'];

test('finance closes and reads a month from the command line', async () => {
  expect((await sluice('', 'fees', 'close', '--month', '2026-03')).text).toContain('staff-key-needed'); // prettier-ignore
  const closed = await sluice(ada, 'fees', 'close', '--month', '2026-03', '--json');
  expect(JSON.parse(closed.text)).toMatchObject([
    { partner: 'brightside', statement: '2026-03.EUR', status: 'closed', payout: '2.40' },
  ]);
  expect(await sluice(ada, 'fees', 'close', '--month', '2026-03')).toMatchObject({
    code: 1,
    text: expect.stringContaining('statement-closed'),
  });
  const shown = JSON.parse((await sluice('', 'statement', 'show', ...of, '--json')).text) as {
    document: string;
    lines: unknown[];
  };
  const [facts = '', table = ''] = (await sluice('', 'statement', 'show', ...of)).text.split(
    '\n\n',
  );
  expect(facts).toMatch(/^payout +2\.40 EUR$/m);
  expect(facts).toMatch(/^approved +not yet$/m);
  expect(table.split('\n').map((line) => line.split(/\s{2,}/).slice(2))).toEqual([
    ['customer', 'service', 'reason', 'base', 'rate', 'fee', 'version'],
    ['ada', 'store', 'earned', '12.00', '20', '2.40', '1'],
    [],
  ]);
  const draft = await sluice('', 'fees', 'statement', ...of.slice(1), '--month', '2026-03', '--currency', 'EUR'); // prettier-ignore
  expect(draft.text).toContain('to see it: sluice statement show 2026-03.EUR --partner brightside');
  expect(JSON.parse(shown.document)).toMatchObject({ id: '2026-03.EUR', lineCount: 1 });
  expect(shown.lines).toHaveLength(1);
  const csv = await sluice('', 'statement', 'show', ...of, '--format', 'csv');
  expect(csv.text.split('\r\n')[0]).toMatch(/^row,line,reason,/);
  const pdf = join(dataDir, 'statement.pdf');
  expect((await sluice('', 'statement', 'show', ...of, '--format', 'pdf')).code).toBe(2);
  const written = await sluice('', 'statement', 'show', ...of, '--format', 'pdf', '--out', pdf);
  expect(written.text).toContain(`${pdf} is written.`);
  expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-');
  expect(statSync(pdf).mode & 0o077).toBe(0);
});

test('finance approves and pays what is closed, and reads the books', async () => {
  expect((await sluice(ada, 'statement', 'approve', ...of)).text).toContain('second-person-needed');
  expect((await sluice(ben, 'statement', 'approve', ...of)).text).toContain('It is approved.');
  expect((await sluice(ben, 'statement', 'approve', ...of)).text).toContain('It was approved already.'); // prettier-ignore
  expect((await sluice(ben, 'statement', 'pay', ...of, '--reference', 'SEPA 1')).text).toContain('It is paid.'); // prettier-ignore
  const list = await sluice('', 'statement', 'list', '--status', 'paid', '--json');
  expect(JSON.parse(list.text)).toMatchObject([
    {
      statement: '2026-03.EUR',
      status: 'paid',
      reference: 'SEPA 1',
      approvedBy: expect.any(String),
    },
  ]);
  const books = JSON.parse((await sluice('', 'ledger', 'trial-balance', '--json')).text) as {
    accounts: { account: string; debit: string; credit: string }[];
    totals: unknown;
  };
  expect(books.accounts.map(({ account, debit, credit }) => [account, debit, credit])).toEqual([
    ['clearing', '0.00', '2.40'],
    ['partner-payable', '0.00', '0.00'],
    ['referral-expense', '2.40', '0.00'],
  ]);
  expect(books.totals).toEqual([{ currency: 'EUR', 'debits less credits': '0.00' }]);
  expect((await sluice('', 'ledger', 'ageing')).text).toBe('Nothing is owed.\n');
  const booked = JSON.parse((await sluice('', 'ledger', 'entries', '--json')).text) as {
    source: string;
    periodEnd: string;
    account: string;
    debit: string;
    credit: string;
  }[];
  expect(
    booked.map((one) => [one.source, one.periodEnd, one.account, one.debit, one.credit]),
  ).toEqual([
    ['statement 2026-03.EUR', '2026-03-31', 'referral-expense', '2.40', '0.00'],
    ['statement 2026-03.EUR', '2026-03-31', 'partner-payable', '0.00', '2.40'],
    ['payout 2026-03.EUR', '2026-03-31', 'partner-payable', '2.40', '0.00'],
    ['payout 2026-03.EUR', '2026-03-31', 'clearing', '0.00', '2.40'],
  ]);
  const journal = await sluice(
    '',
    'ledger',
    'entries',
    '--partner',
    'brightside',
    '--format',
    'csv',
  );
  expect(journal.text.split('\r\n')[0]).toBe('entry,booked_at,partner,source,period_end,account,debit,credit,currency,reverses'); // prettier-ignore
  expect((await sluice('', 'ledger', 'entries', '--until', '2026-01-01')).text).toMatch(/^Nothing is posted/); // prettier-ignore
});
