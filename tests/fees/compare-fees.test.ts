import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accrueFees, compareFees, type FeeComparison } from '../../src/fees/index.ts';
import { findAgreementVersions } from '../../src/agreements/index.ts';
import type { Partner, PartnerId } from '../../src/partners/index.ts';
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
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let partner: Partner;

/** 20 % since 2020; payments in June, July and August, one of June's refunded in July. */
beforeAll(async () => {
  house = await openHouse();
  ({ partner } = await givenPartner(house.tools));
  const paid = (id: string, day: string, minor: number) =>
    payment(id, 'ada', { settledAt: `${day}T10:00:00Z`, amount: money(minor) });
  await givenRecords(house.tools, [
    service(),
    customer('ada'),
    paid('june', '2026-06-30', 10_000),
    paid('july', '2026-07-01', 10_000),
    paid('august', '2026-08-15', 30_000),
    refund('r', 'ada', 'june', { refundedAt: '2026-07-02T10:00:00Z', amount: money(10_000) }),
  ]);
  await givenRelationship(house.tools, partner, 'ada');
});
afterAll(() => house.close());

const compare = (terms: unknown, quarter?: string) =>
  compareFees(house.tools, { partnerId: partner.id, terms, quarter });
const totals = ({ present, proposed }: FeeComparison) =>
  [present, proposed].map((months) =>
    months.map(({ month, totalMinor }) => [month, Number(totalMinor)]),
  );

test('a dry run shows what last quarter would have cost under new terms, and stores nothing', async () => {
  await accrueFees(house.tools, { partnerId: partner.id });
  const before = await house.admin('fee_accruals').select('*').orderBy('line_id');
  const half = { ...fee, ratePercent: '10' };
  const comparison = await compare(half);
  expect(comparison.quarter).toBe('2026-Q3');
  expect(totals(comparison)).toEqual([
    [
      ['2026-07', 0],
      ['2026-08', 6_000],
    ],
    [
      ['2026-07', -1_000], // the refund of June's payment at the rate that it earned
      ['2026-08', 3_000],
    ],
  ]);
  expect(await house.admin('fee_accruals').select('*').orderBy('line_id')).toEqual(before);
  expect(await findAgreementVersions(house.tools.db, partner.id)).toHaveLength(1);
});

test('terms that count over the whole partner are compared too, and whole agreements', async () => {
  const eurUsd = (minor: number) => ({ EUR: minor, USD: minor });
  const steps = [
    { from: eurUsd(0), ratePercent: '10' },
    { from: eurUsd(20_000), ratePercent: '30' },
  ];
  const tiers = { kind: 'tiers', tiers: { mode: 'graduated', by: 'base', steps } };
  const [version] = await findAgreementVersions(house.tools.db, partner.id);
  const whole = { ...version!.terms, fee: { ...tiers, currencies: ['EUR', 'USD'] } };
  const [, proposed] = totals(await compare(whole, '2026-Q2'));
  expect(proposed).toEqual([['2026-06', 1_000]]);
  expect(totals(await compare(whole))[1]).toEqual([
    ['2026-07', -1_000],
    ['2026-08', 5_000],
  ]);
});

test('terms that are wrong are refused by their field, and so is an unknown partner', async () => {
  await expect(compare({ ...fee, holdToMonthEnd: true })).rejects.toMatchObject({
    kind: { code: 'invalid-agreement' },
    facts: { field: '/fee/holdDays' },
  });
  await expect(compare('nothing')).rejects.toMatchObject({ kind: { code: 'invalid-agreement' } });
  const nobody = '01999999-0000-7000-8000-00000000dead' as PartnerId;
  await expect(compareFees(house.tools, { partnerId: nobody, terms: fee })).rejects.toMatchObject({
    kind: { code: 'unknown-partner' },
  });
});
