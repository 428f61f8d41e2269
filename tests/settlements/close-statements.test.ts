import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readTrialBalance } from '../../src/ledger/index.ts';
import type { StaffId } from '../../src/people/index.ts';
import {
  approveStatement,
  closeStatements,
  findClosedStatement,
  findClosedStatements,
  findKeptLines,
  payStatement,
} from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { setChoice } from '../../src/intake/index.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { customerIdOf } from '../../src/records/index.ts';
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

let house: House;
let bright: GivenPartner;
let ada: StaffId;
let ben: StaffId;
let cy: StaffId;
let eve: StaffId;

beforeAll(async () => {
  house = await openHouse();
  bright = await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('ada'), customer('ben')]);
  for (const who of ['ada', 'ben']) await givenRelationship(house.tools, bright.partner, who);
  await givenRecords(house.tools, [
    payment('a1', 'ada'),
    refund('r1', 'ada', 'a1'),
    payment('b1', 'ben', { settledAt: '2026-04-02T10:00:00Z', amount: money(5000) }),
  ]);
  ada = (await givenPerson(house.tools, ['finance'])).id;
  ben = (await givenPerson(house.tools, ['finance'])).id;
  cy = (await givenPerson(house.tools, ['finance'])).id;
  eve = (await givenPerson(house.tools, ['privacy'])).id;
});
afterAll(() => house.close());

const close = (month: string, by = ada) =>
  closeStatements(house.tools, { month, partnerId: bright.partner.id, by });
const named = (period: string) => ({ partnerId: bright.partner.id, period, currency: 'EUR' });
const read = async (period: string) => {
  const statement = await findClosedStatement(house.tools.db, named(period));
  if (!statement) throw new Error(`No ${period}.`);
  return statement;
};
const texts = async (period: string) => {
  const statement = await read(period);
  return findKeptLines(house.tools.db, statement, { from: 0, to: 100_000 });
};
const lines = async (period: string) =>
  (await texts(period)).map((text) => JSON.parse(text) as Record<string, unknown>);
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.kind.code : error),
  );
const booksOf = async () =>
  Object.fromEntries(
    (await readTrialBalance(house.tools, {})).accounts.map(({ account, balanceMinor }) => [
      account,
      balanceMinor,
    ]),
  );
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

test('months are closed in their order, once, and only when they are over', async () => {
  expect(await codeOf(close('2026-04'))).toBe('earlier-period-open');
  await expect(close('2026-04')).rejects.toThrow(
    'close it first: sluice fees close --month 2026-03',
  );
  expect(await codeOf(close('2026-02'))).toBe('nothing-to-close');
  const [march] = await close('2026-03');
  expect(march?.statement).toMatchObject({
    id: '2026-03.EUR',
    status: 'closed',
    openingMinor: 0n,
    accruedMinor: 240n,
    reversedMinor: -60n,
    adjustedMinor: 0n,
    closingMinor: 180n,
    payoutMinor: 180n,
    carriedMinor: 0n,
    lineCount: 2,
    isLogged: true,
  });
  expect(await codeOf(close('2026-03'))).toBe('statement-closed');
  expect(await booksOf()).toEqual({ 'referral-expense': 180n, 'partner-payable': -180n });
});

test('the document and its lines are what was hashed, and the hash stands in the partner’s log', async () => {
  const { document, sha256: hash } = await read('2026-03');
  expect(hash).toEqual(sha256(document));
  const told = JSON.parse(document.toString()) as Record<string, unknown>;
  const digest = sha256(Buffer.concat((await texts('2026-03')).map(sha256)));
  expect(told['linesSha256']).toBe(digest.toString('hex'));
  const entries = await house.tools.db('disclosure_entries').select('entry').where('recipient_id', bright.partner.id); // prettier-ignore
  expect(entries.map(({ entry }: { entry: string }) => JSON.parse(entry) as object)).toEqual([
    expect.objectContaining({
      event: 'statement-closed',
      statement: '2026-03.EUR',
      sha256: hash.toString('hex'),
    }),
  ]);
});

test('a second person approves, whoever approved once more changes nothing, and it is paid once', async () => {
  const name = named('2026-03');
  const pay = (reference: string) => payStatement(house.tools, { name, reference, by: ben }); // prettier-ignore
  const approve = (by: StaffId) => approveStatement(house.tools, { name, by }); // prettier-ignore
  expect(await codeOf(pay('wire 1'))).toBe('statement-not-approved');
  expect(await codeOf(approve(ada))).toBe('second-person-needed');
  expect(await codeOf(approve(eve))).toBe('role-missing');
  expect((await approve(ben)).status).toBe('approved');
  expect((await approve(ben)).status).toBe('approved');
  expect(await codeOf(approve(cy))).toBe('statement-approved');
  expect(await codeOf(pay(' '))).toBe('invalid-reference');
  expect((await pay('wire 1')).paid?.reference).toBe('wire 1');
  expect((await pay('wire 1')).status).toBe('paid');
  expect(await codeOf(pay('wire 2'))).toBe('statement-paid');
  expect(await codeOf(payStatement(house.tools, { name: named('2025-01'), reference: 'x', by: ben }))).toBe('unknown-statement'); // prettier-ignore
  expect(await booksOf()).toEqual({
    'referral-expense': 180n,
    'partner-payable': 0n,
    clearing: -180n,
  });
});

test('what becomes known late stands as an adjustment on the next statement, with its month and reason', async () => {
  await givenRecords(house.tools, [
    payment('a2', 'ada', { settledAt: '2026-03-20T10:00:00Z', amount: money(1000) }),
    refund('r2', 'ada', 'a1', { refundedAt: '2026-03-21T10:00:00Z', amount: money(100) }),
  ]);
  const [april] = await close('2026-04');
  expect(april?.statement).toMatchObject({
    accruedMinor: 1000n,
    adjustedMinor: 180n,
    closingMinor: 1180n,
    adjustmentCount: 2,
    lineCount: 1,
  });
  const adjusted = (await lines('2026-04')).filter((line) => line['adjustment'] !== undefined);
  expect(adjusted.map(({ adjustment, month, amount }) => ({ adjustment, month, amount }))).toEqual(
    expect.arrayContaining([
      { adjustment: 'late', month: '2026-03', amount: money(200) },
      { adjustment: 'late', month: '2026-03', amount: money(-20) },
    ]),
  );
  expect(JSON.parse((await read('2026-04')).document.toString())).toMatchObject({
    previousSha256: (await read('2026-03')).sha256.toString('hex'),
  });
});

test('a negative balance is carried forward, and the next statement opens with it', async () => {
  await givenRecords(house.tools, [
    refund('r3', 'ben', 'b1', { refundedAt: '2026-05-05T10:00:00Z', amount: money(5000) }),
  ]);
  const [may] = await close('2026-05');
  expect(may?.statement).toMatchObject({
    closingMinor: -1000n,
    payoutMinor: 0n,
    carriedMinor: -1000n,
  });
  expect(await booksOf()).toMatchObject({
    'partner-payable': -1180n,
    'partner-receivable': 1000n,
  });
  const [june] = await close('2026-06');
  expect(june?.statement).toMatchObject({
    openingMinor: -1000n,
    carriedMinor: -1000n,
    lineCount: 0,
  });
  expect(await codeOf(approveStatement(house.tools, { name: named('2026-06'), by: ben }))).toBe('done'); // prettier-ignore
  expect(await codeOf(payStatement(house.tools, { name: named('2026-06'), reference: 'x', by: ben }))).toBe('nothing-to-pay'); // prettier-ignore
});

test('a statement closed after an opt-out shows that customer’s lines by id, amount and reason only', async () => {
  await givenRecords(house.tools, [
    payment('a7', 'ada', { settledAt: '2026-07-02T10:00:00Z' }),
    payment('b7', 'ben', { settledAt: '2026-07-03T10:00:00Z', amount: money(20_000) }),
  ]);
  await setChoice(house.tools, {
    customerId: customerIdOf('ada'),
    partner: undefined,
    sharing: 'refused',
    at: new Date('2026-08-01T00:00:00Z'),
    evidence: 'mail',
    actor: 'test',
  });
  await close('2026-07');
  const keys = (await lines('2026-07')).map((line) => Object.keys(line).sort());
  expect(keys).toContainEqual(['amount', 'id', 'reason']);
  expect(keys.filter((names) => names.includes('customer'))).toHaveLength(1);
});

test('a month that is not over stays open', async () => {
  await givenRecords(house.tools, [
    payment('b11', 'ben', { settledAt: '2026-11-02T10:00:00Z', amount: money(100) }),
  ]);
  expect(await codeOf(close('2026-11'))).toBe('period-open');
  expect(await findClosedStatement(house.tools.db, named('2026-11'))).toBeUndefined();
});

test('what is closed, logged, approved, paid or posted changes no more, even for its owner', async () => {
  const tables = ['closed_statements', 'closed_lines', 'closed_pages', 'logged_statements', 'approved_statements', 'paid_statements', 'ledger_entries', 'ledger_lines']; // prettier-ignore
  for (const table of tables) {
    await expect(house.admin(table).update({ created_at: new Date() })).rejects.toThrow(/append-only/); // prettier-ignore
    await expect(house.admin(table).delete()).rejects.toThrow(/append-only/);
  }
});

const renewed = async (key: string, who: string, terms: Record<string, unknown> = {}) => {
  const given = await givenPartner(house.tools, { key, terms });
  await givenRecords(house.tools, [customer(who)]);
  await givenRelationship(house.tools, given.partner, who);
  return given.partner.id;
};
const closeFor = (partnerId: typeof bright.partner.id, month: string) =>
  closeStatements(house.tools, { month, partnerId, by: ada });
const statementsOf = async (partnerId: typeof bright.partner.id) =>
  (await findClosedStatements(house.tools.db, { partnerId })).toReversed();

test('what a currency stated is taken back on its next statement, when no line of it is left', async () => {
  const id = await renewed('moved', 'cyd');
  await givenRecords(house.tools, [payment('m1', 'cyd', { amount: money(10_000) })]);
  await closeFor(id, '2026-03');
  await givenRecords(house.tools, [payment('m1', 'cyd', { amount: money(10_000, 'USD') })]);
  for (const month of ['2026-03', '2026-04']) await closeFor(id, month);
  const all = await statementsOf(id);
  const sum = (currency: string) =>
    all
      .filter((one) => one.currency === currency)
      .reduce((total, one) => total + one.accruedMinor + one.adjustedMinor, 0n);
  expect([sum('EUR'), sum('USD')]).toEqual([0n, 2000n]);
  expect(all.map((one) => one.id).sort()).toEqual(['2026-03.EUR', '2026-03.USD', '2026-04.EUR']);
});

test('a quarter that is closed already says so, and a later one begins with the quarter', async () => {
  const id = await renewed('quarters', 'dan', { fee: { ...fee, period: 'quarter' } });
  await givenRecords(house.tools, [
    payment('q1', 'dan', { settledAt: '2026-02-10T10:00:00Z' }),
    payment('q3', 'dan', { settledAt: '2026-07-10T10:00:00Z' }),
  ]);
  await closeFor(id, '2026-03');
  expect(await codeOf(closeFor(id, '2026-03'))).toBe('statement-closed');
  await closeFor(id, '2026-09');
  expect((await statementsOf(id)).map((one) => [one.id, one.fromDay, one.untilDay])).toEqual([
    ['2026-Q1.EUR', '2026-01-01', '2026-04-01'],
    ['2026-Q3.EUR', '2026-07-01', '2026-10-01'],
  ]);
});

test('of a month that runs the first half is closed once it is over', async () => {
  const id = await renewed('halves', 'eli', { fee: { ...fee, period: 'half-month' } });
  await givenRecords(house.tools, [payment('h1', 'eli', { settledAt: '2026-11-03T10:00:00Z' })]);
  const [first] = await closeFor(id, '2026-11');
  expect(first?.statement.id).toBe('2026-11-1.EUR');
  expect(await codeOf(closeFor(id, '2026-11'))).toBe('period-open');
});

test('an amount beyond what is told exactly is refused by name, and keeps nobody else from closing', async () => {
  const id = await renewed('huge', 'fay', { fee: { ...fee, ratePercent: '100' } });
  const most = { amount: money(Number.MAX_SAFE_INTEGER) };
  await givenRecords(house.tools, [payment('x1', 'fay', most), payment('x2', 'fay', most)]);
  expect(await codeOf(closeFor(id, '2026-03'))).toBe('amount-too-large');
  const other = await renewed('zebra', 'gus');
  await givenRecords(house.tools, [payment('z1', 'gus')]);
  const refused: string[] = [];
  const reports = await closeStatements(house.tools, {
    month: '2026-03',
    by: ada,
    onRefused: (key, { kind }) => refused.push(`${key} ${kind.code}`),
  });
  expect(reports.map(({ partnerKey }) => partnerKey)).toContain('zebra');
  expect(refused).toContain('huge amount-too-large');
  expect(await statementsOf(other)).toHaveLength(1);
});
