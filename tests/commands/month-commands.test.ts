import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { proposeAttribution } from '../../src/attribution/index.ts';
import { takeClaim } from '../../src/claims/index.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { proposalKinds } from '../../src/operator/index.ts';
import { proposePayee } from '../../src/payees/index.ts';
import { makePayout, payPayout } from '../../src/payouts/index.ts';
import { approveChange, type StaffId } from '../../src/people/index.ts';
import { disputeClaim } from '../../src/resolutions/index.ts';
import { approveStatement, closeStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { runCommand } from '../support/run-command.ts';
import {
  customer,
  fee,
  givenPartner,
  givenRecords,
  givenRelationship,
  money,
  payment,
  refund,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(300_000);

let house: House;
let bright: GivenPartner['partner'];
let [ada, ben] = ['', ''] as unknown as [StaffId, StaffId];
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-month-'));

beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  bright = (await givenPartner(tools, { terms: { fee: { ...fee, holdDays: 20 } } })).partner;
  const other = (await givenPartner(tools, { key: 'other' })).partner;
  await givenRecords(tools, [
    service(),
    customer('ada'),
    customer('ben'),
    customer('cy'),
    customer('dan'),
  ]);
  for (const who of ['ada', 'ben']) await givenRelationship(tools, bright, who);
  await givenRelationship(tools, other, 'dan');
  const on = (day: string, amount: number) => ({ settledAt: `${day}T10:00:00Z`, amount: money(amount) }); // prettier-ignore
  await givenRecords(tools, [
    payment('a1', 'ada', on('2026-03-02', 1200)),
    payment('a2', 'ada', on('2026-03-25', 1000)),
    payment('b1', 'ben', on('2026-03-03', 5000)),
    payment('b2', 'ben', on('2026-03-04', 400)),
    payment('d1', 'dan', on('2026-03-05', 700)),
  ]);
  const disputed = { kind: 'dispute', refundedAt: '2026-03-20T10:00:00Z' };
  await givenRecords(tools, [
    refund('d1', 'ben', 'b1', { ...disputed, amount: money(2500) }),
    refund('d2', 'ben', 'b2', { ...disputed, amount: money(400), wonAt: '2026-03-22T10:00:00Z' }),
    refund('r1', 'ada', 'a1', { refundedAt: '2026-03-21T10:00:00Z', amount: money(100) }),
  ]);
  await accrueFees(tools, {});
  ada = (await givenPerson(tools, ['finance', 'partner'])).id;
  ben = (await givenPerson(tools, ['finance'])).id;
}, 60_000);
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
async function json<Value>(...words: string[]): Promise<Value> {
  return JSON.parse((await sluice(...words, '--json')).text) as Value;
}
type Row = Record<string, string | number | null>;
interface Page {
  readonly statements: Row[];
  readonly totals: Row[];
  readonly held: Row[];
  readonly signUps: Row[];
  readonly claims: Row[];
  readonly disputed: Row[];
  readonly payouts: Row[];
  readonly accounts: Row[];
  readonly balances: unknown;
}
const cents = (text: unknown) => Math.round(Number(text) * 100);

test('a month that is none, and a partner that nobody knows, are told', async () => {
  for (const month of ['9999-12', '2026-10-1'])
    expect([month, (await sluice('fees', 'month', month)).code]).toEqual([month, 2]);
  expect((await sluice('fees', 'month')).code).toBe(2);
  const unknown = await sluice('fees', 'month', '2026-03', '--partner', 'nobody');
  expect(unknown).toMatchObject({ code: 1, text: expect.stringContaining('unknown-partner') });
  const lines = ['fees', 'lines', '--partner', 'brightside', '--month', '2026-03'];
  expect((await sluice(...lines)).code).toBe(2);
  expect((await sluice(...lines, '--held', '--disputed')).code).toBe(2);
  expect(await sluice(...lines, '--held', '--currency', 'JPY')).toEqual({ code: 0, text: 'No lines.\n' }); // prettier-ignore
  const empty = await json<Page>('fees', 'month', '2019-01');
  expect(Object.values(empty).filter(Array.isArray).flat()).toEqual([]);
});

test('the page has each figure of the month, and every one is opened by what stands beside it', async () => {
  const { tools } = house;
  const draft = await json<Page>('fees', 'month', '2026-03');
  expect(draft.statements).toMatchObject([
    { partner: 'brightside', statement: '2026-03.EUR', status: 'draft', prevents: null },
    { partner: 'other', statement: '2026-03.EUR', status: 'draft', prevents: null },
  ]);
  await closeStatements(tools, { month: '2026-03', by: ada });
  const closed = await json<Page>('fees', 'month', '2026-03');
  const amounts = ({ statements }: Page) => statements.map((one) => [one['accrued'], one['reversed'], one['tax'], one['closing'], one['payout'], one['lines']]); // prettier-ignore
  expect(amounts(closed)).toEqual(amounts(draft));
  expect(closed.totals).toEqual(draft.totals);
  await settleOne();
  const page = await json<Page>('fees', 'month', '2026-03');
  expect(page.statements).toMatchObject([
    { partner: 'brightside', status: 'paid', batch: 1, reference: 'SEPA 4711' },
    { partner: 'other', status: 'closed', batch: null, reference: null },
  ]);
  expect(page.held).toMatchObject([
    { partner: 'brightside', lines: 1, fees: '2.00', 'first day': '2026-04-14', 'last day': '2026-04-14' }, // prettier-ignore
  ]);
  expect(page.signUps).toMatchObject([{ partner: null, 'sign-ups': 1, since: '2026-01-01T00:00:00.000Z' }]); // prettier-ignore
  expect(page.claims).toMatchObject([{ statement: '2026-03.EUR', status: 'disputed', claimed: '99.00', due: '2026-12-10' }]); // prettier-ignore
  expect(page.disputed).toMatchObject([{ partner: 'brightside', lines: 1, fees: '-5.00' }]);
  expect(page.payouts).toMatchObject([{ batch: 1, status: 'paid', statements: 1, reference: 'SEPA 4711' }]); // prettier-ignore
  expect(page.balances).toEqual([{ currency: 'EUR', isBalanced: true }]);
  const [total] = page.totals;
  const sum = (rows: readonly Row[], name: string) => rows.reduce((all, row) => all + cents(row[name]), 0); // prettier-ignore
  expect(sum(page.statements, 'closing')).toBe(cents(total?.['closing']));
  // The first close posted all that its statements state, and the bank paid what the batch says.
  const on = (account: string, side: string) =>
    sum(page.accounts.filter((row) => row['account'] === account), side); // prettier-ignore
  expect(on('referral-expense', 'debit')).toBe(cents(total?.['closing']));
  expect(on('clearing', 'credit')).toBe(sum(page.payouts, 'paid'));
  expect(on('partner-payable', 'credit')).toBe(cents(total?.['closing']) - sum(page.payouts, 'paid')); // prettier-ignore
  for (const figures of [
    page.statements,
    page.held,
    page.signUps,
    page.claims,
    page.disputed,
    page.payouts,
  ]) {
    for (const { open, lines, fees } of figures) {
      const [name = '', ...words] = String(open).split(' ');
      expect(name).toBe('sluice');
      const opened = await sluice(...words, '--json');
      expect([open, opened.code]).toEqual([open, 0]);
      if (fees === undefined) continue;
      const behind = JSON.parse(opened.text) as Row[];
      expect([behind.length, sum(behind, 'fee')]).toEqual([lines, cents(fees)]);
      const [first] = behind;
      const line = ['fees', 'explain', String(first?.['line']), '--partner', 'brightside'];
      expect((await sluice(...line)).code).toBe(0);
    }
  }
  const only = await json<Page>('fees', 'month', '2026-03', '--partner', 'other');
  expect(only.statements).toEqual(page.statements.slice(1));
  expect([only.held, only.claims, only.payouts, only.signUps]).toEqual([[], [], [], []]);
});

test('for people it is a page that names what prevents a close and what opens a figure', async () => {
  const { text, code } = await sluice('fees', 'month', '2026-03');
  expect(code).toBe(0);
  expect(text.split('\n').length).toBeLessThan(60);
  expect(text).toMatch(/^brightside +2026-03\.EUR +paid .*SEPA 4711$/m);
  expect(text).toMatch(/^all +EUR /m);
  expect(text).toContain('→ sluice fees lines --month 2026-03 --partner KEY --held');
  expect(text).toContain('EUR: debits and credits are the same.');
  const april = await sluice('fees', 'month', '2026-04', '--partner', 'brightside');
  expect(april.text).toMatch(/^brightside +2026-04\.EUR +draft .*can be closed$/m);
  expect(april.text).toContain('sluice ledger trial-balance --partner brightside');
});

/** One statement goes all the way; a claim is disputed, and a sign-up held. */
async function settleOne(): Promise<void> {
  const { tools } = house;
  const name = { partnerId: bright.id, period: '2026-03', currency: 'EUR' };
  await approveStatement(tools, { name, by: ben });
  const account = { name: 'Brightside GmbH', account: 'DE89370400440532013000' };
  const { id } = await proposePayee(tools, { partner: bright, currency: 'EUR', account, by: ada });
  await approveChange(tools, { proposalId: id, by: ben, kinds: proposalKinds });
  const { batch } = await makePayout(tools, { currency: 'EUR', by: ada });
  const inBatch = await json<Page>('fees', 'month', '2026-03', '--partner', 'brightside');
  expect(inBatch.statements).toMatchObject([{ status: 'approved', batch: batch.number }]);
  await payPayout(tools, { number: batch.number, reference: 'SEPA 4711', by: ada });
  const content = Buffer.from('customer,amount\r\nR-1,99.00\r\n');
  const claim = await takeClaim(tools, { ...name, media: 'text/csv', content, broughtBy: ada });
  const asked = { partnerId: bright.id, id: claim.id, reason: 'they count another way', by: ada };
  await disputeClaim(tools, { ...asked, dueOn: '2026-12-10' });
  const about = { customer: 'cy', service: 'store', signedUpAt: new Date('2026-01-01T00:00:00Z') };
  await proposeAttribution(tools, { about, partner: 'other', reason: 'by telephone', by: ada });
}
