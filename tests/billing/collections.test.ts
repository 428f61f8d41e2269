import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGateway } from '../../src/gateway.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { findSettledPayments } from '../../src/records/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  money,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { bill, billingDesk } from './billing-desk.ts';

let house: House;
let desk: ReturnType<typeof billingDesk>;
let rivals: ReturnType<typeof billingDesk>;
let bright: GivenPartner;
const at = '2026-10-10T08:00:00Z';

beforeAll(async () => {
  house = await openHouse({ clock: testClock(new Date('2026-10-20T12:00:00Z')) });
  const { tools } = house;
  bright = await givenPartner(tools);
  const linked = await givenPartner(tools, {
    ...{ key: 'linked', kind: 'integration', purposes: ['identity', 'billing', 'integration'] },
    view: { customer: true, invoice: true },
  });
  await givenRecords(tools, [service(), ...['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'].map((one) => customer(one))]); // prettier-ignore
  for (const one of ['ada', 'bob', 'cyd', 'dan', 'fay']) {
    await givenRelationship(tools, bright.partner, one, { at: new Date('2026-09-01T00:00:00Z') });
    await givenRelationship(tools, linked.partner, one, { at: new Date('2026-09-01T00:00:00Z') });
    await givenRecords(tools, [payment(`first-${one}`, one, { settledAt: '2026-09-02T00:00:00Z' })]); // prettier-ignore
  }
  const { key: staffKey } = await givenPerson(tools, ['partner', 'finance', 'intake']);
  const gateway = createGateway(tools);
  desk = billingDesk(gateway, { staffKey, partner: bright });
  rivals = billingDesk(gateway, { staffKey, partner: linked });
  for (const one of ['ada', 'bob', 'cyd', 'fay']) {
    expect((await desk.agree(one, '2026-10-01')).status).toBe(200);
  }
  await givenRecords(tools, [
    ...['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'].map((one) => bill(one, one, '2026-10')),
  ]);
});
afterAll(() => house.close());

const stored = async () => ({
  reports: Number((await house.admin('collection_reports').count())[0]?.['count']),
  transfers: Number((await house.admin('transfers').count())[0]?.['count']),
  payments: Number((await house.admin('records').where('record_type', 'payment').count())[0]?.['count']), // prettier-ignore
});

test('what is no report is refused in whole with its field, and what cannot be is rejected line by line', async () => {
  const before = await stored();
  const good = { reference: 'x', invoice: await desk.idOf('N-ada'), status: 'collected', at, amount: money(1) }; // prettier-ignore
  for (const [wrong, field] of [
    [{ ...good, status: 'paid' }, '/collections/1/status'],
    [{ ...good, amount: money(0) }, '/collections/1/amount/amount'],
    [{ ...good, amount: money(-5) }, '/collections/1/amount/amount'],
    [{ ...good, at: 'yesterday' }, '/collections/1/at'],
    [{ ...good, reference: 'two words' }, '/collections/1/reference'],
    [{ ...good, customer: 'ada' }, '/collections/1/customer'],
  ] as const) {
    const { status, body } = await desk.partner('post', 'collections', { collections: [good, wrong] }); // prettier-ignore
    expect([status, (body as { field: string }).field]).toEqual([422, field]);
  }
  const { status } = await desk.partner('post', 'collections', { collections: [] });
  expect(status).toBe(422);
  const { amount: _amount, ...bare } = good;
  const lines = [
    [{ ...good, amount: money(1191) }, 'more-than-open'],
    [{ ...good, amount: money(1, 'USD') }, 'currency-differs'],
    [{ ...good, at: '2026-10-20T12:00:01Z' }, 'moment-invalid'],
    [{ ...good, at: '2026-10-01T12:00:00Z' }, 'moment-invalid'],
    [{ ...good, at: '2026-10-10T08:00:00+08' }, 'moment-invalid'],
    [{ ...good, at: '2016-12-31T23:59:60Z' }, 'moment-invalid'],
    [{ ...bare, currency: 'EUR' }, 'amount-missing'],
    [{ ...good, reason: 'other' }, 'reason-unexpected'],
    [{ ...good, takesBack: 'y' }, 'reason-unexpected'],
    [{ ...good, status: 'failed', reason: 'other' }, 'amount-unexpected'],
    [{ ...bare, status: 'failed', currency: 'EUR' }, 'reason-missing'],
    [{ ...bare, status: 'failed', currency: 'EUR', reason: 'returned', takesBack: 'y' }, 'unknown-collection'], // prettier-ignore
  ] as const;
  const outcomes = await desk.report(...lines.map(([line]) => line));
  expect(outcomes).toEqual(lines.map(([, code]) => code));
  expect(await stored()).toEqual(before);
});

test('promise P13: of what a partner does not bill nothing is told but that, whatever it is', async () => {
  const rival = await rivals.partner('get', 'invoices');
  const foreign = (rival.body as { data: { id: string }[] }).data.map(({ id }) => id);
  const own = await desk.partner('get', 'invoices');
  const dan = (own.body as { data: { id: string; number: string }[] }).data.find(({ number }) => number === 'N-dan')?.id; // prettier-ignore
  const ids = [dan ?? '', ...foreign, `inv_${'A'.repeat(22)}`, 'nonsense'];
  const { body } = await desk.partner('post', 'collections', {
    collections: ids.flatMap((invoice, i) => [
      { reference: `f${String(i)}`, invoice, status: 'collected', at, amount: money(9_000_000) },
      { reference: `f${String(i)}`, invoice, status: 'billed', at, amount: money(1, 'USD') },
    ]),
  });
  const told = (body as { data: Record<string, unknown>[] }).data.map(({ reference: _reference, field: _field, ...rest }) => JSON.stringify(rest)); // prettier-ignore
  expect(new Set(told)).toEqual(new Set([JSON.stringify({ outcome: 'rejected', code: 'not-bill-ready', detail: 'It is no invoice that you bill now.' })])); // prettier-ignore
});

test('of fifty at once with one reference one counts; of fifty with their own, as many as are open', async () => {
  const invoice = await desk.idOf('N-bob');
  const one = { reference: 'same', invoice, status: 'collected', at, amount: money(190) };
  const same = await Promise.all(Array.from({ length: 50 }, () => desk.report(one)));
  expect(same.flat().filter((outcome) => outcome === 'accepted')).toHaveLength(1);
  expect(same.flat().filter((outcome) => outcome === 'unchanged')).toHaveLength(49);
  const many = await Promise.all(Array.from({ length: 50 }, (_, i) => desk.report({ ...one, reference: `n${String(i)}`, amount: money(300) }))); // prettier-ignore
  expect(many.flat().filter((outcome) => outcome === 'accepted')).toHaveLength(3);
  const paid = await findSettledPayments(house.tools.db, { customerIds: [customerIdOf('bob')] });
  const collected = paid.filter(({ sourceKey }) => sourceKey.startsWith('collection '));
  expect(collected.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(1090n);
  expect(await desk.report({ ...one, amount: money(100) })).toEqual(['reference-used']);
}, 60_000);

test('a failure gives the invoice back to us, and takes back a collection once', async () => {
  const invoice = await desk.idOf('N-cyd');
  const failed = { invoice, status: 'failed', at, reason: 'returned', currency: 'EUR' };
  expect(await desk.report({ reference: 'k1', invoice, status: 'collected', at, amount: money(1190) })).toEqual(['accepted']); // prettier-ignore
  expect(await desk.report({ ...failed, reference: 'k2', takesBack: 'k1', at: '2026-10-09T08:00:00Z' })).toEqual(['moment-invalid']); // prettier-ignore
  expect(await desk.report({ ...failed, reference: 'k2', takesBack: 'k1' })).toEqual(['accepted']);
  expect(await desk.report({ ...failed, reference: 'k2', takesBack: 'k1' })).toEqual(['unchanged']);
  expect(await desk.report({ ...failed, reference: 'k3', takesBack: 'k1' })).toEqual(['not-bill-ready']); // prettier-ignore
  expect(await desk.report({ reference: 'k4', invoice, status: 'collected', at, amount: money(1190) })).toEqual(['not-bill-ready']); // prettier-ignore
  const { body } = await desk.operator('get', 'bills/cyd');
  expect(body).toMatchObject({ biller: 'direct', because: 'returned', open: { amount: 1190 } });
  const rows = await house.admin('transfers').where('reference', 'like', 'k%').orderBy('reference').select<{ amount_minor: string }[]>('amount_minor'); // prettier-ignore
  expect(rows.map(({ amount_minor: minor }) => minor)).toEqual(['1190', '-1190']);
});

test('what a collection made is changed by its reports alone, and a refund out of goodwill opens nothing', async () => {
  const key = 'collection brightside same';
  await expect(givenRecords(house.tools, [payment(key, 'bob', { amount: money(1) })])).rejects.toThrow('reserved-key'); // prettier-ignore
  const goodwill = { customer: 'bob', service: 'store', payment: key, refundedAt: '2026-10-11T00:00:00Z', kind: 'refund', amount: money(50) }; // prettier-ignore
  const before = (await desk.ready()).get('N-bob')?.open.amount;
  await givenRecords(house.tools, [['refund', { ...goodwill, id: 'goodwill' }]]);
  expect((await desk.ready()).get('N-bob')?.open.amount).toBe(before);
});

test('a credit note lowers what is open, and takes no fee back', async () => {
  const note = { customer: 'fay', service: 'store', refundedAt: at, kind: 'credit-note', amount: money(190) }; // prettier-ignore
  await givenRecords(house.tools, [['refund', { ...note, id: 'n1', invoice: 'fay' }]]);
  expect((await desk.ready()).get('N-fay')).toMatchObject({ open: { amount: 1000 } }); // prettier-ignore
  for (const [more, field] of [
    [{}, '/invoice'],
    [{ invoice: 'fay', payment: 'first-fay' }, '/payment'],
  ] as const) {
    // prettier-ignore
    await expect(givenRecords(house.tools, [['refund', { ...note, id: 'n2', ...more }]])).rejects.toThrow(field); // prettier-ignore
  }
  for (const [more, code] of [
    [{ invoice: 'nothing' }, 'unknown-invoice'],
    [{ invoice: 'bob' }, 'mixed-customers'],
    [{ invoice: 'fay', amount: money(1, 'USD') }, 'mixed-currencies'],
  ] as const) {
    // prettier-ignore
    await expect(givenRecords(house.tools, [['refund', { ...note, id: 'n3', ...more }]])).rejects.toThrow(code); // prettier-ignore
  }
});

test('promise P18: a customer is billed by one partner at a time, back by us, and by another after', async () => {
  const refused = async (answer: ReturnType<typeof desk.agree>) => ((await answer).body as { code: string }).code; // prettier-ignore
  expect(await refused(rivals.agree('ada', '2026-11-01'))).toBe('already-consolidated');
  expect(await refused(desk.agree('ada', '2026-11-01'))).toBe('invalid-billing-mode');
  expect(await refused(desk.agree('ada', '2026-10-15', 'direct'))).toBe('period-billed');
  expect(await refused(desk.agree('eve', '2026-11-01'))).toBe('unknown-relationship');
  expect(await refused(desk.agree('nobody', '2026-11-01'))).toBe('unknown-customer');
  expect(await refused(desk.agree('ada', 'soon', 'direct'))).toBe('body-invalid');
  expect((await desk.agree('ada', '2026-11-01', 'direct')).status).toBe(200);
  expect((await rivals.agree('ada', '2026-12-01')).status).toBe(200);
  await givenRecords(house.tools, [
    bill('ada-11', 'ada', '2026-11'),
    bill('ada-12', 'ada', '2026-12'),
    // From the middle of one to the middle of another: nobody bills a day that somebody else does.
    bill('ada-across', 'ada', '2026-12', { lines: [{ amount: money(1), periodFrom: '2026-11-20', periodTo: '2026-12-10' }] }), // prettier-ignore
  ]);
  const told = [];
  for (const key of ['ada', 'ada-11', 'ada-12', 'ada-across']) told.push(await desk.told(key));
  expect(told).toEqual(['brightside', 'direct', null, 'direct']);
  const { body } = await desk.operator('get', 'billing-modes?customer=ada');
  expect((body as { data: { partner: string; mode: string; from: string }[] }).data).toMatchObject([
    { partner: 'brightside', mode: 'consolidated', from: '2026-10-01' },
    { partner: 'brightside', mode: 'direct', from: '2026-11-01' },
    { partner: 'linked', mode: 'consolidated', from: '2026-12-01' },
  ]);
});

test('what a partner billed and never gave back is taken back by finance, and the partner hears of it', async () => {
  const told = () => desk.operator('get', 'bills/ada');
  expect((await desk.operator('post', 'bills/ada/return', {})).body).toMatchObject({ code: 'not-billed' }); // prettier-ignore
  const invoice = await desk.idOf('N-ada');
  expect(await desk.report({ reference: 'ada-1', invoice, status: 'billed', at, amount: money(1190) })).toEqual(['accepted']); // prettier-ignore
  expect((await told()).body).toMatchObject({ biller: 'brightside', because: 'billed' });
  expect((await desk.operator('post', 'bills/ada/return', {})).body).toMatchObject({ biller: 'direct', because: 'returned' }); // prettier-ignore
  expect(await desk.report({ reference: 'ada-2', invoice, status: 'collected', at, amount: money(1) })).toEqual(['not-bill-ready']); // prettier-ignore
  const { body } = await desk.partner('get', 'collections');
  expect((body as { data: object[] }).data.at(-1)).toMatchObject({ status: 'failed', reason: 'taken-back' }); // prettier-ignore
});

test('promise P13: a token for another purpose reads no bills and reports nothing', async () => {
  const other = await givenPartner(house.tools, { key: 'feesonly', purposes: ['identity', 'fees'], classes: ['contact', 'billing'], view: { customer: { properties: { contact: true } }, invoice: true } }); // prettier-ignore
  const { partner } = billingDesk(createGateway(house.tools), { staffKey: '', partner: other });
  const { status, body } = await partner('get', 'bill-ready');
  expect([status, (body as { promise: string }).promise]).toEqual([403, expect.stringMatching(/^P\d\d$/)]); // prettier-ignore
  const line = { reference: 'x', invoice: 'inv_x', status: 'billed', at, amount: money(1) };
  expect((await partner('post', 'collections', { collections: [line] })).status).toBe(403);
});

test('a partner that is suspended while its reports are taken is stopped at the next one', async () => {
  const { partner } = bright;
  const invoice = await desk.idOf('N-fay');
  const collections = Array.from({ length: 60 }, (_, i) => ({ reference: `s-${String(i)}`, invoice, status: 'collected', at, amount: money(1) })); // prettier-ignore
  const sent = desk.partner('post', 'collections', { collections });
  const taken = async () => Number((await house.admin('collection_reports').where('reference', 'like', 's-%').count())[0]?.['count']); // prettier-ignore
  while ((await taken()) < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  await changePartnerStatus(house.tools, { partnerId: partner.id, status: 'suspended' });
  const before = await taken();
  const { status, body } = await sent;
  expect([status, (body as { code: string }).code]).toEqual([403, 'partner-suspended']);
  expect((await taken()) - before).toBeLessThanOrEqual(1);
  await changePartnerStatus(house.tools, { partnerId: partner.id, status: 'active' });
  const again = await desk.report(...collections);
  expect(new Set(again)).toEqual(new Set(['unchanged', 'accepted']));
  expect(await taken()).toBe(60);
});
