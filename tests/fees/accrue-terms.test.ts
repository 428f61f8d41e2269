import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accrueFees, explainFee, lineText, previewFees } from '../../src/fees/index.ts';
import type { FeeTerms } from '../../src/agreements/index.ts';
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

let house: House;
let count = 0;
beforeAll(async () => {
  house = await openHouse();
  await givenRecords(house.tools, [service()]);
});
afterAll(() => house.close());

const eur = (minor: number) => ({ EUR: minor });

/** A partner on these terms with two customers, who pay in March and April. */
async function given(fee: FeeTerms) {
  count += 1;
  const { partner } = await givenPartner(house.tools, { key: `p${count}`, terms: { fee } });
  const [ada, ben] = [`ada${count}`, `ben${count}`];
  const paid = (key: string, of: string, day: string, minor: number) =>
    payment(`${of}-${key}`, of, { settledAt: `${day}T10:00:00Z`, amount: money(minor) });
  await givenRecords(house.tools, [
    customer(ada),
    customer(ben),
    paid('1', ada, '2026-03-02', 60_000),
    paid('1', ben, '2026-03-05', 60_000),
    paid('2', ada, '2026-04-02', 10_000),
  ]);
  for (const who of [ada, ben]) await givenRelationship(house.tools, partner, who);
  const run = async () => (await accrueFees(house.tools, { partnerId: partner.id }))[0];
  const stored = async () =>
    (
      await house
        .admin('fee_accruals')
        .select('kind', 'month', 'fee_minor', 'rate_percent')
        .where('partner_id', partner.id)
        .orderBy(['occurred_at', 'kind', 'line_id'])
    ).map((row: Record<string, unknown>) => Object.values(row).map(String).join(' '));
  return { partner, ada, ben, paid, run, stored };
}

const tiers: FeeTerms = {
  kind: 'tiers',
  tiers: {
    mode: 'graduated',
    by: 'base',
    steps: [
      { from: eur(0), ratePercent: '10' },
      { from: eur(100_000), ratePercent: '15' },
    ],
  },
  currencies: ['EUR'],
};

test('tiers count all customers of the partner, and a late payment replaces the lines of its month', async () => {
  const { partner, ben, paid, run, stored } = await given(tiers);
  expect(await run()).toMatchObject({ new: 3, changed: 0 });
  expect(await stored()).toEqual([
    'accrual 2026-03 6000 null',
    'accrual 2026-03 7000 null', // 400.00 at 10 %, 200.00 at 15 %
    'accrual 2026-04 1000 null',
  ]);
  expect(await run()).toMatchObject({ new: 0, changed: 0, unchanged: 3 });
  await givenRecords(house.tools, [paid('late', ben, '2026-03-03', 50_000)]);
  expect(await run()).toMatchObject({ new: 1, changed: 1, unchanged: 2 });
  expect(await stored()).toEqual([
    'accrual 2026-03 6000 null',
    'accrual 2026-03 5500 null',
    'accrual 2026-03 9000 null',
    'accrual 2026-04 1000 null',
  ]);
  const { lines } = await previewFees(house.tools, { partnerId: partner.id });
  for (const line of lines) {
    const explained = await explainFee(house.tools, { lineId: line.lineId });
    expect(lineText(explained)).toBe(lineText(line));
  }
  expect(lines[2]?.explanation.text).toContain(
    'The month’s base is 1100.00 EUR before it and 1700.00 EUR with it.',
  );
});

test('a dispute that is won later restores its line; a credit takes from the latest', async () => {
  const fee: FeeTerms = { kind: 'percent', ratePercent: '10', currencies: ['EUR'] };
  const { ada, ben, run, stored } = await given(fee);
  const dispute = { kind: 'dispute', refundedAt: '2026-04-10T00:00:00Z', amount: money(60_000) };
  const [type, credit] = refund(`${ada}-c`, ada, 'none', {
    refundedAt: '2026-04-11T00:00:00Z',
    amount: money(15_000),
  });
  const { payment: _, ...unnamed } = credit;
  await givenRecords(house.tools, [refund(`${ben}-d`, ben, `${ben}-1`, dispute), [type, unnamed]]);
  expect(await run()).toMatchObject({ new: 6 });
  expect(await stored()).toEqual([
    'accrual 2026-03 6000 10',
    'accrual 2026-03 6000 10',
    'accrual 2026-04 1000 10',
    'reversal 2026-04 -6000 10',
    ...(await stored()).slice(4),
  ]);
  expect((await stored()).slice(4).sort()).toEqual([
    'reversal 2026-04 -1000 10',
    'reversal 2026-04 -500 10',
  ]);
  const won = { ...dispute, wonAt: '2026-06-01T00:00:00Z' };
  await givenRecords(house.tools, [refund(`${ben}-d`, ben, `${ben}-1`, won)]);
  expect(await run()).toMatchObject({ new: 1, changed: 0, unchanged: 6 });
  expect((await stored()).at(-1)).toBe('reversal 2026-06 6000 10');
  expect(await run()).toMatchObject({ new: 0, unchanged: 7 });
});

test('a threshold and a cap for each period are stored as they are computed', async () => {
  const threshold = await given({
    kind: 'flat',
    flat: { per: 'threshold', amounts: eur(500), thresholds: eur(70_000) },
    currencies: ['EUR'],
  });
  await threshold.run();
  expect(await threshold.stored()).toEqual(['accrual 2026-04 500 null']);
  const capped = await given({
    ...{ kind: 'percent', ratePercent: '10', currencies: ['EUR'] },
    capPerPeriod: eur(10_000),
  });
  await capped.run();
  expect(await capped.stored()).toEqual([
    'accrual 2026-03 6000 10',
    'accrual 2026-03 4000 10',
    'accrual 2026-04 1000 10',
  ]);
});
