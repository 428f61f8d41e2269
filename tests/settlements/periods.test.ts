import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readTrialBalance } from '../../src/ledger/index.ts';
import type { StaffId } from '../../src/people/index.ts';
import { addMonths, monthOf } from '../../src/platform/calendar-days.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { findClosedStatements } from '../../src/settlements/index.ts';
import { bookRemittance } from '../../src/transfers/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { fee, givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenLines, type GivenLine } from './given-settlements.ts';

/** What terms say of periods and payouts, through real closes. */

let house: House;
let by: StaffId;
beforeAll(async () => {
  house = await openHouse();
  by = (await givenPerson(house.tools, ['finance'])).id;
}, 60_000);
afterAll(() => house.close());

/** Closes every month from the first to the last; each statement as one line of text. */
async function closed(
  key: string,
  terms: Record<string, unknown>,
  { lines, months }: { lines: readonly GivenLine[]; months: readonly [string, string] },
  kind: 'referral' | 'integration' = 'referral',
) {
  const { partner } = await givenPartner(house.tools, { key, kind, view: null, terms });
  await givenLines(house, partner.id, lines);
  for (let day = `${months[0]}-01`; monthOf(day) <= months[1]; day = addMonths(day, 1)) {
    await closePartner(house.tools, { partner, month: monthOf(day), by });
  }
  const statements = await findClosedStatements(house.tools.db, { partnerId: partner.id });
  return statements.toReversed().map((one) => {
    const { openingMinor, accruedMinor, reversedMinor, payoutMinor, forfeitedMinor, carriedMinor } = one; // prettier-ignore
    const sums = [openingMinor, accruedMinor + reversedMinor, payoutMinor, forfeitedMinor, carriedMinor]; // prettier-ignore
    return `${one.id}: ${sums.join(' ')}`;
  });
}

const on = (availableOn: string, minor: number, more: Partial<GivenLine> = {}): GivenLine => ({
  key: `${availableOn} ${String(minor)}`,
  fee: minor,
  availableOn,
  ...more,
});

test('agreed by half months, a month closes as two statements, cut at the 16th', async () => {
  const lines = [on('2026-02-15', 100), on('2026-02-16', 20), on('2026-02-28', 3), on('2026-03-16', 4)]; // prettier-ignore
  const months = ['2026-02', '2026-03'] as const;
  expect(
    await closed('halves', { fee: { ...fee, period: 'half-month' } }, { lines, months }),
  ).toEqual([
    '2026-02-1.EUR: 0 100 100 0 0',
    '2026-02-2.EUR: 0 23 23 0 0',
    '2026-03-2.EUR: 0 4 4 0 0',
  ]);
});

test('agreed by quarters, three months close as one statement, with the last of them', async () => {
  const lines = [on('2026-01-01', 100), on('2026-02-10', 20), on('2026-03-31', 3), on('2026-04-01', 4)]; // prettier-ignore
  const months = ['2026-01', '2026-06'] as const;
  expect(
    await closed('quarters', { fee: { ...fee, period: 'quarter' } }, { lines, months }),
  ).toEqual(['2026-Q1.EUR: 0 123 123 0 0', '2026-Q2.EUR: 0 4 4 0 0']);
});

test('below the agreed minimum a balance is carried forward until it is reached, or forfeited when nothing is earned for long', async () => {
  const terms = { fee: { ...fee, minimumPayout: { EUR: 500, USD: 500 }, forfeitAfterMonths: 2 } };
  const lines = [on('2026-01-10', 300), on('2026-02-10', 200), on('2026-03-10', 499)];
  const months = ['2026-01', '2026-06'] as const;
  expect(await closed('minimum', terms, { lines, months })).toEqual([
    '2026-01.EUR: 0 300 0 0 300',
    '2026-02.EUR: 300 200 500 0 0',
    '2026-03.EUR: 0 499 0 0 499',
    '2026-04.EUR: 499 0 0 0 499',
    '2026-05.EUR: 499 0 0 499 0',
  ]);
});

test('promise P17: what an integration partner owes and what we owe it net on one statement, and in the books', async () => {
  const { partner } = await givenPartner(house.tools, { key: 'both', kind: 'integration', view: null }); // prettier-ignore
  // The second version is of the other direction: lines of both stand on one statement.
  await house.admin.transaction(async (tx) => {
    await tx.raw('set local session_replication_role = replica');
    await tx('agreement_versions').where('partner_id', partner.id).update({ valid_until: '2026-02-01' }); // prettier-ignore
    await tx.raw(
      `insert into agreement_versions (partner_id, version, valid_from, terms, published_at)
       select partner_id, 2, '2026-02-01', jsonb_set(terms, '{direction}', '"receivable"'), published_at
       from agreement_versions where partner_id = ?`,
      [partner.id],
    );
  });
  await givenLines(house, partner.id, [
    on('2026-02-03', 1000),
    on('2026-02-05', -300, { version: 2 }),
    on('2026-03-05', -900, { version: 2 }),
  ]);
  for (const month of ['2026-02', '2026-03'])
    await closePartner(house.tools, { partner, month, by });
  const [march, february] = await findClosedStatements(house.tools.db, { partnerId: partner.id });
  expect(february).toMatchObject({ closingMinor: 700n, payoutMinor: 700n, agreementVersions: [1, 2] }); // prettier-ignore
  expect(march).toMatchObject({ closingMinor: -900n, payoutMinor: 0n, carriedMinor: -900n });
  const { accounts } = await readTrialBalance(house.tools, { partnerId: partner.id });
  expect(Object.fromEntries(accounts.map((one) => [one.account, one.balanceMinor]))).toEqual({
    'referral-expense': 1000n,
    'referral-income': -1200n,
    'partner-payable': -700n,
    'partner-receivable': 900n,
  });
  // What it pays us is booked at once, once, and not beyond what it owes; the next statement states it.
  const paying = { partner, currency: 'EUR', onDay: '2026-04-02', by };
  const remit = (reference: string, amountMinor: bigint) =>
    bookRemittance(house.tools, { ...paying, reference, amountMinor });
  await expect(remit('SEPA 1', 901n)).rejects.toMatchObject({ kind: { code: 'more-than-owed' } });
  await Promise.all([remit('SEPA 1', 600n), remit('SEPA 1', 600n)]);
  await expect(remit('SEPA 1', 300n)).rejects.toMatchObject({ kind: { code: 'transfer-conflict' } }); // prettier-ignore
  await expect(remit('SEPA 2', 301n)).rejects.toMatchObject({ kind: { code: 'more-than-owed' } });
  await expect(remit('SEPA 2', 0n)).rejects.toMatchObject({ facts: { field: '/amount' } });
  await closePartner(house.tools, { partner, month: '2026-04', by });
  const [april] = await findClosedStatements(house.tools.db, { partnerId: partner.id });
  expect(april).toMatchObject({ openingMinor: -900n, remittedMinor: 600n, carriedMinor: -300n });
  expect(JSON.parse(String(april?.document))).toMatchObject({ remitted: { amount: 600 } });
});
