import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { accrueFees, explainFee, lineText, previewFees } from '../../src/fees/index.ts';
import { draftStatement } from '../../src/statements/index.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import type { Partner, PartnerId } from '../../src/partners/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
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
let partner: Partner;
let count = 0;

beforeAll(async () => {
  house = await openHouse();
  await givenRecords(house.tools, [service()]);
});
afterAll(() => house.close());

/** Each test has its own partner and customer: 20 %, EUR and USD, three payments, one refund. */
let ada = '';
beforeEach(async () => {
  count += 1;
  ada = `ada${count}`;
  ({ partner } = await givenPartner(house.tools, { key: `partner${count}` }));
  await givenRecords(house.tools, [
    customer(ada),
    payment(`${ada}-1`, ada),
    payment(`${ada}-2`, ada, { settledAt: '2026-03-31T23:59:59Z', amount: money(999, 'USD') }),
    payment(`${ada}-3`, ada, { settledAt: '2026-04-01T00:00:00Z', amount: money(5, 'GBP') }),
    refund(`${ada}-r`, ada, `${ada}-1`, { refundedAt: '2026-04-05T10:00:00Z' }),
  ]);
  await givenRelationship(house.tools, partner, ada);
});

const run = async () => {
  const [report] = await accrueFees(house.tools, { partnerId: partner.id });
  return report;
};
const stored = async () => {
  const rows = await house
    .admin('fee_accruals')
    .select('*')
    .where('partner_id', partner.id)
    .orderBy('line_id');
  return JSON.stringify(rows);
};

test('accruing stores each line once; run twice it changes not one byte', async () => {
  expect(await run()).toEqual({
    partnerKey: partner.key,
    new: 4,
    changed: 0,
    unchanged: 0,
    withdrawn: 0,
  });
  const first = await stored();
  expect(await run()).toMatchObject({ new: 0, changed: 0, unchanged: 4, withdrawn: 0 });
  expect(await stored()).toBe(first);
});

test('what is stored is what the preview computes, and the preview stores nothing', async () => {
  const preview = await previewFees(house.tools, { partnerId: partner.id });
  expect(await stored()).toBe('[]');
  expect(preview.months).toMatchObject([
    { month: '2026-03', currency: 'EUR', payments: 1, baseMinor: 1200n, feeMinor: 240n },
    { month: '2026-03', currency: 'USD', payments: 1, feeMinor: 200n, totalMinor: 200n },
    { month: '2026-04', currency: 'EUR', payments: 0, reversals: 1, reversedMinor: -60n },
    { month: '2026-04', currency: 'GBP', payments: 0, withoutFee: 1, totalMinor: 0n },
  ]);
  await run();
  for (const line of preview.lines) {
    const explained = await explainFee(house.tools, { lineId: line.lineId });
    expect(lineText(explained)).toBe(lineText(line));
  }
  const march = await previewFees(house.tools, { partnerId: partner.id, month: '2026-03' });
  expect(march.lines.map(({ month }) => month)).toEqual(['2026-03', '2026-03']);
});

test('a corrected payment replaces its drafts, an undone relationship withdraws them', async () => {
  await run();
  await givenRecords(house.tools, [payment(`${ada}-1`, ada, { amount: money(2400) })]);
  expect(await run()).toMatchObject({ new: 0, changed: 2, unchanged: 2, withdrawn: 0 });
  await house
    .admin('relationships')
    .where('partner_id', partner.id)
    .update({ activated_at: '2026-03-31T00:00:00Z' });
  expect(await run()).toMatchObject({ new: 0, changed: 2, unchanged: 0, withdrawn: 2 });
  await house
    .admin('relationships')
    .where('partner_id', partner.id)
    .update({ is_active: false, activated_at: null });
  expect(await run()).toMatchObject({ new: 0, changed: 0, unchanged: 0, withdrawn: 2 });
});

test('while a customer has opted out nothing accrues, and a refund still reverses', async () => {
  const change = {
    partner,
    customerId: customerIdOf(ada),
    serviceId: serviceIdOf('store'),
    evidence: 'mail',
    actor: 'test',
  };
  const optedOut = { event: 'opted-out' as const, at: new Date('2026-03-20T00:00:00Z') };
  await changeRelationship(house.tools, { ...change, ...optedOut });
  const { lines } = await previewFees(house.tools, { partnerId: partner.id });
  expect(lines.map(({ kind, feeMinor }) => [kind, feeMinor])).toEqual([
    ['accrual', 240n],
    ['reversal', -60n],
  ]);
});

test('two computations at once leave what one leaves', async () => {
  const reports = await Promise.all([run(), run()]);
  const total = (name: 'new' | 'unchanged') =>
    reports.reduce((sum, report) => sum + (report?.[name] ?? 0), 0);
  expect([total('new'), total('unchanged')]).toEqual([4, 4]);
});

test('every partner is accrued where none is named; an unknown one is refused', async () => {
  const reports = await accrueFees(house.tools, {});
  expect(reports.find(({ partnerKey }) => partnerKey === partner.key)).toMatchObject({ new: 4 });
  const nobody = '01999999-0000-7000-8000-00000000dead' as PartnerId;
  await expect(accrueFees(house.tools, { partnerId: nobody })).rejects.toMatchObject({
    kind: { code: 'unknown-partner' },
  });
  await expect(previewFees(house.tools, { partnerId: nobody })).rejects.toMatchObject({
    kind: { code: 'unknown-partner' },
  });
});

test('a draft statement holds the lines that become available in its month, and their sum', async () => {
  await run();
  const statement = { partnerId: partner.id, id: '2026-03.EUR' };
  const draft = await draftStatement(house.tools, statement);
  expect(draft).toMatchObject({
    id: '2026-03.EUR',
    status: 'draft',
    openingMinor: 0n,
    accruedMinor: 240n,
    reversedMinor: 0n,
    closingMinor: 240n,
    lineCount: 1,
    agreementVersions: [1],
  });
  expect(draft.lines).toHaveLength(1);
  const april = await draftStatement(house.tools, { ...statement, id: '2026-04.EUR' });
  expect(april).toMatchObject({ accruedMinor: 0n, reversedMinor: -60n, closingMinor: -60n });
  const none = draftStatement(house.tools, { ...statement, id: '2026-05.EUR' });
  await expect(none).rejects.toMatchObject({ kind: { code: 'unknown-statement' } });
});

test('a line is explained to nobody but its own partner, and an unknown id is refused', async () => {
  await run();
  const { lines } = await previewFees(house.tools, { partnerId: partner.id });
  const other = await givenPartner(house.tools, { key: `other${count}` });
  for (const ask of [
    { lineId: lines[0]!.lineId, partnerId: other.partner.id },
    { lineId: 'fee_AAAAAAAAAAAAAAAAAAAAAA', partnerId: partner.id },
    { lineId: '01999999-0000-7000-8000-00000000dead' },
    { lineId: "' or 1=1" },
  ]) {
    await expect(explainFee(house.tools, ask)).rejects.toMatchObject({
      kind: { code: 'unknown-fee-line' },
    });
  }
});

test('the database itself refuses a fee where the line says that there is none', async () => {
  await run();
  const tamper = house
    .admin('fee_accruals')
    .where({ partner_id: partner.id, currency: 'GBP' })
    .update({ fee_minor: 1 });
  await expect(tamper).rejects.toMatchObject({ code: '23514' });
});
