import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  postEntry,
  readAgeing,
  readTrialBalance,
  reverseEntry,
  type EntryId,
  type Posting,
} from '../../src/ledger/index.ts';
import { linesOf, opposite } from '../../src/ledger/entry-rules.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { uuidOf } from '../../src/platform/uuid.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

const clock = testClock(new Date('2026-01-01T12:00:00Z'));
let house: House;
let partnerId: PartnerId;

beforeAll(async () => {
  house = await openHouse({ clock });
  partnerId = (await givenPartner(house.tools, { view: null })).partner.id;
});
afterAll(() => house.close());

const post = (source: string, lines: Posting['lines'], currency = 'EUR') =>
  inTransaction(house.tools.db, (tx) =>
    postEntry(tx, house.tools, { partnerId, currency, source, lines }),
  );
const owe = (minor: bigint) => ({ 'referral-expense': minor, 'partner-payable': -minor });
const pay = (minor: bigint) => ({ 'partner-payable': minor, clearing: -minor });
const reverse = (entryId: EntryId) =>
  inTransaction(house.tools.db, (tx) => reverseEntry(tx, house.tools, { partnerId, entryId }));
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'done',
    (error: unknown) =>
      error instanceof Refusal ? error.kind.code : String((error as { code?: string }).code),
  );

test('a source posts once, and refuses to post something else', async () => {
  const entry = await post('fee a', owe(100n));
  expect(await post('fee a', owe(100n))).toBe(entry);
  expect(await codeOf(post('fee a', owe(101n)))).toBe('entry-conflict');
  await expect(post('fee b', { clearing: -5n })).rejects.toThrow(RangeError);
  await expect(post('fee b', { clearing: -5n, 'partner-payable': 4n })).rejects.toThrow(RangeError);
});

test('no more is paid than is owed, and what was paid comes back once, by an entry of its own', async () => {
  expect(await codeOf(post('payout too much', pay(101n)))).toBe('23514');
  const payout = await post('payout a', pay(60n));
  const back = await reverse(payout);
  expect(await reverse(payout)).toBe(back);
  expect(await codeOf(reverse(uuidOf('nothing') as EntryId))).toBe('unknown-entry');
  const { accounts, totals } = await readTrialBalance(house.tools, {});
  expect(totals).toEqual([{ currency: 'EUR', totalMinor: 0n }]);
  expect(Object.fromEntries(accounts.map((one) => [one.account, one.balanceMinor]))).toEqual({
    ...{ clearing: 0n, 'partner-payable': -100n, 'referral-expense': 100n },
  });
});

test('the balance of any moment is that of what was posted until then, and the oldest debt is paid first', async () => {
  clock.set(new Date('2026-02-15T12:00:00Z'));
  await post('fee c', owe(40n));
  clock.set(new Date('2026-04-01T12:00:00Z'));
  await post('payout c', pay(70n));
  await post('owes us', { 'partner-receivable': 9n, 'referral-income': -9n });
  const then = await readTrialBalance(house.tools, { at: new Date('2026-01-02T00:00:00Z'), partnerId }); // prettier-ignore
  expect(then.accounts.find(({ account }) => account === 'partner-payable')?.balanceMinor).toBe(-100n); // prettier-ignore
  clock.set(new Date('2026-04-10T12:00:00Z'));
  const none = { to30Minor: 0n, to60Minor: 0n, to90Minor: 0n, beyondMinor: 0n };
  expect(await readAgeing(house.tools, {})).toEqual([
    { ...none, partnerKey: 'brightside', currency: 'EUR', owed: 'payable', to60Minor: 40n, beyondMinor: 30n }, // prettier-ignore
    { ...none, partnerKey: 'brightside', currency: 'EUR', owed: 'receivable', to30Minor: 9n },
  ]);
});

test('the database itself refuses what does not add up, comes in parts, stands bare or reverses half', async () => {
  const entry = (id: string) => ({
    ...{ partner_id: partnerId, entry_id: uuidOf(id), currency: 'EUR', source: id },
    booked_at: clock.now(),
  });
  const line = (id: string, account: string, minor: number) => ({
    ...{ partner_id: partnerId, entry_id: uuidOf(id), currency: 'EUR', account },
    amount_minor: minor,
  });
  const { admin } = house;
  await expect(admin('ledger_entries').insert(entry('bare'))).rejects.toThrow(/comes with its lines/); // prettier-ignore
  const known = await post('fee d', owe(5n));
  const more = { ...line('x', 'clearing', -5), entry_id: known };
  await expect(admin('ledger_lines').insert([more, { ...more, account: 'partner-receivable', amount_minor: 5 }])).rejects.toThrow(/at once/); // prettier-ignore
  await expect(admin('ledger_lines').insert(more)).rejects.toThrow(/add up to nothing/);
  const half = `with entry as (insert into ledger_entries (partner_id, entry_id, currency, source, reverses_entry_id, booked_at)
      values (:partnerId, :id, 'EUR', 'half', :known, now()) returning *)
    insert into ledger_lines (partner_id, entry_id, account, currency, amount_minor)
    select partner_id, entry_id, account, 'EUR', minor from entry
      cross join (values ('referral-expense', -4), ('partner-payable', 4)) as moved(account, minor)`;
  await expect(admin.raw(half, { partnerId, id: uuidOf('half'), known })).rejects.toThrow(/takes back/); // prettier-ignore
  await expect(house.tools.db('ledger_accounts').update({ balance_minor: 0 })).rejects.toThrow(/permission denied/); // prettier-ignore
});

test('what takes an entry back moves the opposite', () => {
  const lines = linesOf({ lines: owe(7n) });
  expect(opposite(opposite(lines))).toEqual(lines);
  expect([...lines, ...opposite(lines)].reduce((sum, one) => sum + one.amountMinor, 0n)).toBe(0n);
});
