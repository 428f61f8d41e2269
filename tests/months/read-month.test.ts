import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publishAgreement } from '../../src/agreements/index.ts';
import { readTrialBalance } from '../../src/ledger/index.ts';
import { listLines, readMonth, type FinanceMonth } from '../../src/months/index.ts';
import type { Partner } from '../../src/partners/index.ts';
import type { StaffId } from '../../src/people/index.ts';
import { addDays, addMonths, monthOf } from '../../src/platform/calendar-days.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { approveStatement, payStatement } from '../../src/settlements/index.ts';
import { draftStatements } from '../../src/statements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenLines, type GivenLine } from '../settlements/given-settlements.ts';
import { acceptances } from '../support/admit.ts';
import { fee, givenPartner } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let [ada, ben] = ['', ''] as unknown as [StaffId, StaffId];
let count = 0;
const clock = testClock(new Date('2026-11-22T12:00:00Z'));
const runs = process.env['SLUICE_TEST_LEDGER'] === undefined ? 15 : 300;

beforeAll(async () => {
  house = await openHouse({ clock });
  ada = (await givenPerson(house.tools, ['finance'])).id;
  ben = (await givenPerson(house.tools, ['finance'])).id;
}, 60_000);
afterAll(() => house.close());

const months = ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05', '2026-06'];

const aLine = fc.record({
  fee: fc.integer({ min: -500, max: 500 }),
  month: fc.constantFrom(...months),
  day: fc.integer({ min: 1, max: 28 }),
  heldMonths: fc.integer({ min: 0, max: 2 }),
  currency: fc.constantFrom('EUR', 'EUR', 'JPY'),
  isReversal: fc.boolean(),
});
type ALine = typeof aLine extends fc.Arbitrary<infer Line> ? Line : never;

const lineOf = (line: ALine, index: number): GivenLine => ({
  key: `month ${String(count)} ${String(index)}`,
  fee: line.fee,
  month: line.month,
  availableOn: addMonths(`${line.month}-${String(line.day).padStart(2, '0')}`, line.heldMonths),
  currency: line.currency,
  kind: line.isReversal ? 'reversal' : 'accrual',
});

const agreed = fc.record({
  period: fc.constantFrom('month', 'half-month', 'quarter'),
  isTaxed: fc.boolean(),
  minimum: fc.constantFrom(undefined, 400),
  forfeitAfterMonths: fc.constantFrom(undefined, 1),
});
type Agreed = typeof agreed extends fc.Arbitrary<infer Terms> ? Terms : never;

const termsOf = ({ period, isTaxed, minimum, forfeitAfterMonths }: Agreed) => ({
  fee: {
    ...fee,
    currencies: ['EUR', 'JPY'],
    period,
    ...(isTaxed && { tax: { kind: 'rate', ratePercent: '19' } }),
    ...(minimum !== undefined && { minimumPayout: { EUR: minimum, JPY: minimum } }),
    ...(minimum !== undefined && forfeitAfterMonths !== undefined && { forfeitAfterMonths }),
  },
});

const aPartner = async (terms: Record<string, unknown> = {}): Promise<Partner> => {
  count += 1;
  const key = `m${String(count)}`;
  return (await givenPartner(house.tools, { key, view: null, terms })).partner;
};
const read = (partner: Partner, month: string) =>
  readMonth(house.tools, { month, partnerId: partner.id });
const codeOfClose = (partner: Partner, month: string) =>
  closePartner(house.tools, { partner, month, by: ada }).then(
    (closed) => closed.map(({ period, currency }) => `${period}.${currency}`),
    (error: unknown) => (error instanceof Refusal ? error.kind.code : String(error)),
  );

/** The amounts of each statement, but what only a close makes of it. */
const amountsIn = ({ statements }: FinanceMonth) =>
  statements.map(({ status: _status, prevention: _prevention, ...amounts }) => amounts);
const totalsAreSums = ({ statements, totals }: FinanceMonth) => {
  for (const total of totals) {
    const its = statements.filter(({ currency }) => currency === total.currency);
    const sum = (of: 'closingMinor' | 'payoutMinor' | 'carriedMinor') =>
      its.reduce((all, one) => all + one[of], 0n);
    expect(total.closingMinor).toBe(sum('closingMinor'));
    expect(total.payoutMinor).toBe(sum('payoutMinor'));
    expect(total.carriedMinor).toBe(sum('carriedMinor'));
    const { openingMinor, accruedMinor, reversedMinor, adjustedMinor, taxMinor } = total;
    const parts = openingMinor + accruedMinor + reversedMinor + adjustedMinor + taxMinor;
    expect(total.closingMinor).toBe(parts);
    expect(total.closingMinor).toBe(total.payoutMinor + total.forfeitedMinor + total.carriedMinor);
  }
};

test('what the page says that a close would state, the close states, whatever changed before it', async () => {
  let exact = 0;
  let waiting = 0;
  await fc.assert(
    fc.asyncProperty(
      agreed,
      fc.array(fc.array(aLine, { minLength: 1, maxLength: 8 }), { minLength: 6, maxLength: 6 }),
      fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
      async (terms, worlds, skips) => {
        const partner = await aPartner(termsOf(terms));
        for (const [place, month] of months.entries()) {
          const lines = (worlds[place] ?? []).map(lineOf);
          await givenLines(house, partner.id, lines);
          const drafts = await draftStatements(house.tools, { partnerId: partner.id });
          let before = await read(partner, month);
          totalsAreSums(before);
          const waits = before.statements.filter(({ prevention }) => prevention !== null);
          if (waits.length > 0) {
            waiting += 1;
            expect(waits[0]?.prevention?.code).toBe('earlier-period-open');
            expect(await codeOfClose(partner, month)).toBe('earlier-period-open');
            for (const { id, closingMinor } of waits.filter(({ taxMinor }) => taxMinor === null))
              expect(closingMinor).toBe(drafts.find((one) => one.id === id)?.closingMinor);
            for (const earlier of months.slice(0, place)) await codeOfClose(partner, earlier);
            before = await read(partner, month);
          }
          if (skips[place] === 0) continue;
          const closed = await codeOfClose(partner, month);
          if (closed === 'earlier-period-open') {
            // Where nothing stands in this month, nothing can be told to wait.
            expect(before.statements).toEqual([]);
            continue;
          }
          const after = await read(partner, month);
          expect(after.statements.map(({ status }) => status)).toEqual(after.statements.map(() => 'closed')); // prettier-ignore
          expect(after.statements.map(({ id }) => id)).toEqual(closed);
          exact += before.statements.length;
          expect(amountsIn(after)).toEqual(amountsIn(before));
          expect(after.totals).toEqual(before.totals);
          totalsAreSums(after);
        }
      },
    ),
    { numRuns: runs },
  );
  // What is compared at all is something.
  expect(exact).toBeGreaterThan(runs);
  expect(waiting).toBeGreaterThan(0);
}, 300_000);

test('the pages of all months add up to what the ledger holds, and what is held to its lines', async () => {
  await fc.assert(
    fc.asyncProperty(
      agreed,
      fc.array(aLine, { minLength: 1, maxLength: 10 }),
      async (terms, given) => {
        const partner = await aPartner(termsOf(terms));
        const lines = given.map(lineOf);
        await givenLines(house, partner.id, lines);
        const stated = new Map<string, { net: bigint; tax: bigint; paid: bigint }>();
        for (const month of [...months, '2026-07', '2026-08', '2026-09']) {
          await codeOfClose(partner, month);
          const page = await read(partner, month);
          await settle(partner, page);
          const held = lines.filter((one) => (one.month ?? '') <= month && monthOf(one.availableOn) > month); // prettier-ignore
          expect(page.held.map(({ currency, lineCount, feeMinor, firstDay, lastDay }) => [currency, lineCount, feeMinor, firstDay, lastDay])).toEqual(heldOf(held)); // prettier-ignore
          const listed = await listLines(house.tools, { partnerId: partner.id, month, which: 'held' }); // prettier-ignore
          expect(listed).toHaveLength(held.length);
          for (const one of page.statements) {
            const { net = 0n, tax = 0n, paid = 0n } = stated.get(one.currency) ?? {};
            const fees = one.accruedMinor + one.reversedMinor + one.adjustedMinor;
            stated.set(one.currency, {
              net: net + fees - one.forfeitedMinor,
              tax: tax + (one.taxMinor ?? 0n),
              paid: paid + one.payoutMinor,
            });
          }
        }
        const page = await read(partner, '2026-09');
        const at = (currency: string, account: string) =>
          page.accounts.find((one) => one.currency === currency && one.account === account)
            ?.balanceMinor ?? 0n;
        for (const [currency, { net, tax, paid }] of stated) {
          expect([at(currency, 'referral-expense'), at(currency, 'fee-tax'), at(currency, 'clearing')]).toEqual([net, tax, -paid]); // prettier-ignore
        }
        expect(page.balances.every(({ isBalanced }) => isBalanced)).toBe(true);
      },
    ),
    { numRuns: runs },
  );
  const { accounts } = await readMonth(house.tools, { month: '2026-09' });
  const all = await readTrialBalance(house.tools, {});
  for (const { currency, account, balanceMinor } of accounts) {
    const its = all.accounts.filter((one) => one.currency === currency && one.account === account);
    expect(balanceMinor).toBe(its.reduce((sum, one) => sum + one.balanceMinor, 0n));
  }
}, 300_000);

/** Approves and pays what the month closed. */
async function settle({ id: partnerId }: Partner, { statements }: FinanceMonth): Promise<void> {
  for (const { period, currency, payoutMinor } of statements) {
    const name = { partnerId, period, currency };
    await approveStatement(house.tools, { name, by: ben });
    if (payoutMinor === 0n) continue;
    await payStatement(house.tools, { name, reference: `for ${period}`, by: ben });
  }
}

function heldOf(lines: readonly GivenLine[]) {
  return ['EUR', 'JPY'].flatMap((currency) => {
    const its = lines.filter((one) => one.currency === currency);
    const days = its.map(({ availableOn }) => availableOn).sort();
    if (its.length === 0) return [];
    return [[currency, its.length, BigInt(its.reduce((sum, one) => sum + one.fee, 0)), days[0], days.at(-1)]]; // prettier-ignore
  });
}

test('a period that is not over is told with the day on which it is, in the agreement’s own zone', async () => {
  const east = await aPartner({ timeZone: 'Pacific/Kiritimati' });
  const west = await aPartner({ timeZone: 'Pacific/Niue' });
  for (const partner of [east, west]) {
    await givenLines(house, partner.id, [
      { key: `${partner.key} zone`, fee: 100, availableOn: '2026-11-05' },
    ]);
  }
  clock.set(new Date('2026-11-30T23:00:00Z'));
  const overOn = { code: 'period-open', overOn: '2026-12-01' };
  expect((await read(east, '2026-11')).statements).toMatchObject([{ prevention: null }]);
  expect((await read(west, '2026-11')).statements).toMatchObject([{ prevention: overOn }]);
  expect(await codeOfClose(west, '2026-11')).toBe('period-open');
  expect(await codeOfClose(east, '2026-11')).toEqual(['2026-11.EUR']);
});

test('of half months the first can be closed while the second runs, and of a quarter its last month tells', async () => {
  const halves = await aPartner({ fee: { ...fee, period: 'half-month' } });
  const quarters = await aPartner({ fee: { ...fee, period: 'quarter' } });
  const line = (key: string, availableOn: string) => ({ key, fee: 10, availableOn });
  await givenLines(house, halves.id, [line('h1', '2026-12-02'), line('h2', '2026-12-20')]);
  await givenLines(house, quarters.id, [line('q1', '2026-10-02'), line('q2', '2026-12-20')]);
  clock.set(new Date('2026-12-17T12:00:00Z'));
  expect((await read(halves, '2026-12')).statements).toMatchObject([
    { id: '2026-12-1.EUR', prevention: null, closingMinor: 10n },
    { id: '2026-12-2.EUR', prevention: { code: 'period-open', overOn: '2027-01-01' } },
  ]);
  expect(await codeOfClose(halves, '2026-12')).toEqual(['2026-12-1.EUR']);
  const half = await read(halves, '2026-12');
  expect(half.statements.map(({ status }) => status)).toEqual(['closed', 'draft']);
  expect((await read(quarters, '2026-10')).statements).toEqual([]);
  expect((await read(quarters, '2026-12')).statements).toMatchObject([
    { id: '2026-Q4.EUR', fromDay: '2026-10-01', closingMinor: 20n, lineCount: 2 },
  ]);
});

test('a month before all lines and one far ahead are empty, and change of periods is walked as the close walks it', async () => {
  const partner = await aPartner();
  await publishAgreement(house.tools, {
    acceptances,
    partnerId: partner.id,
    validFrom: '2027-02-01',
    terms: {
      ...{ direction: 'payable', classes: ['financial'], purposes: ['fees'], services: 'all' },
      ...{ timeZone: 'UTC', termsClauses: {}, fee: { ...fee, period: 'quarter' } },
    },
  });
  await givenLines(house, partner.id, [
    { key: 'c1', fee: 10, availableOn: '2026-12-02' },
    { key: 'c2', fee: 20, availableOn: '2027-03-20' },
  ]);
  clock.set(new Date('2027-07-02T12:00:00Z'));
  for (const month of ['1000-01', '2026-11', '2999-12']) {
    const { statements, held, claims, payouts } = await read(partner, month);
    expect([statements, held, claims, payouts]).toEqual([[], [], [], []]);
  }
  expect(await codeOfClose(partner, '2026-12')).toEqual(['2026-12.EUR']);
  const [before] = (await read(partner, '2027-03')).statements;
  expect(await codeOfClose(partner, '2027-03')).toEqual([before?.id]);
  const [after] = (await read(partner, '2027-03')).statements;
  expect(after).toMatchObject({ fromDay: before?.fromDay, untilDay: addDays('2027-03-31', 1), closingMinor: 20n }); // prettier-ignore
});

test('sums beyond 2^53 are told to the unit, and keep the statement from its close', async () => {
  const partner = await aPartner();
  const most = { fee: Number.MAX_SAFE_INTEGER, availableOn: '2026-10-05', month: '2026-09' };
  await givenLines(house, partner.id, [
    { ...most, key: 'big 1' },
    { ...most, key: 'big 2' },
  ]);
  const twice = 2n * BigInt(Number.MAX_SAFE_INTEGER);
  const page = await read(partner, '2026-10');
  expect(page.statements).toMatchObject([
    { closingMinor: twice, prevention: { code: 'amount-too-large' } },
  ]);
  expect(await codeOfClose(partner, '2026-10')).toBe('amount-too-large');
  expect((await read(partner, '2026-09')).held).toMatchObject([{ feeMinor: twice, lineCount: 2 }]);
});
