import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { proposalKinds } from '../../src/operator/index.ts';
import { proposePayee } from '../../src/payees/index.ts';
import {
  makePayout,
  payPayout,
  previewPayout,
  readPayoutFile,
  releasePayout,
} from '../../src/payouts/index.ts';
import { approveChange, type StaffId } from '../../src/people/index.ts';
import { readTrialBalance } from '../../src/ledger/index.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { approveStatement, payStatement } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenLines } from '../settlements/given-settlements.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let tools: Tools;
let ada: StaffId;
let ben: StaffId;
let eve: StaffId;
const partners = new Map<string, Awaited<ReturnType<typeof givenPartner>>['partner']>();
const ibans = ['DE89370400440532013000', 'GB82WEST12345698765432', 'FR1420041010050500013M02606'];

beforeAll(async () => {
  house = await openHouse();
  const payer = { name: 'The Ducallier Studios', iban: ibans[0] ?? '', bic: undefined };
  tools = { ...house.tools, settings: { ...house.tools.settings, payer } };
  ada = (await givenPerson(tools, ['finance'], 'Ada')).id;
  ben = (await givenPerson(tools, ['finance'], 'Ben')).id;
  eve = (await givenPerson(tools, ['privacy'], 'Eve')).id;
  for (const [place, key] of ['one', 'two', 'three'].entries()) {
    const { partner } = await givenPartner(tools, { key, view: null });
    partners.set(key, partner);
    await givenLines({ tools }, partner.id, [
      { key: `${key} eur`, fee: 1000 + place, availableOn: '2026-09-10' },
      { key: `${key} jpy`, fee: 500, availableOn: '2026-09-11', currency: 'JPY' },
      { key: `${key} oct`, fee: 77, availableOn: '2026-10-11' },
    ]);
    for (const month of ['2026-09', '2026-10'])
      await closePartner(tools, { partner, month, by: ada });
  }
});
afterAll(() => house.close());

const idOf = (key: string) => {
  const partner = partners.get(key);
  if (!partner) throw new Error('no such partner');
  return partner.id;
};
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.kind.code : error),
  );
const approve = (key: string, period: string, currency = 'EUR') =>
  approveStatement(tools, { name: { partnerId: idOf(key), period, currency }, by: ben });
const make = (by = ada, more = {}) => makePayout(tools, { currency: 'EUR', by, ...more });
const pay = (number: number, reference: string, by = ada) => payPayout(tools, { number, reference, by }); // prettier-ignore
const csvOf = async (number: number) => (await readPayoutFile(tools, { number, format: 'csv' })).toString(); // prettier-ignore

async function givenPayee(key: string, account: string, currency = 'EUR', name = 'A Partner Ltd') {
  const partner = partners.get(key);
  if (!partner) throw new Error('no such partner');
  const proposal = { partner, currency, account: { name, account }, by: ada };
  const { id } = await proposePayee(tools, proposal);
  await approveChange(tools, { proposalId: id, by: ben, kinds: proposalKinds });
}

test('an account takes two persons, and what is no account is refused', async () => {
  const partner = { id: idOf('one'), key: 'one' };
  const propose = (account: string, { name = 'One Ltd', by = ada, currency = 'EUR' } = {}) =>
    proposePayee(tools, { partner, currency, account: { name, account }, by });
  expect(await codeOf(propose('DE89370400440532013001'))).toBe('invalid-payee');
  expect(await codeOf(propose('12345678'))).toBe('invalid-payee');
  expect(await codeOf(propose('GB82WEST12345698765433', { currency: 'GBP' }))).toBe(
    'invalid-payee',
  );
  expect(await codeOf(propose(ibans[0] ?? '', { name: 'Müller AG' }))).toBe('invalid-payee');
  expect(await codeOf(propose(ibans[0] ?? '', { by: eve }))).toBe('role-missing');
  const { id } = await propose('DE89 3704 0044 0532 0130 00');
  const decide = (by: StaffId, proposalId = id) => approveChange(tools, { proposalId, by, kinds: proposalKinds }); // prettier-ignore
  expect(await codeOf(decide(ada))).toBe('second-person-needed');
  const other = await propose(ibans[1] ?? '');
  expect(await codeOf(decide(ben))).toBe('done');
  expect(await codeOf(decide(ben, other.id))).toBe('payee-moved');
});

test('a batch takes what is approved and has an account, and says what it left out', async () => {
  expect(await codeOf(make())).toBe('nothing-to-pay-out');
  await approve('one', '2026-09');
  await approve('two', '2026-09');
  expect(await codeOf(make(eve))).toBe('role-missing');
  expect(await codeOf(make(ada, { executeOn: '2026-11-21' }))).toBe('invalid-payout');
  const seen = await previewPayout(tools, { currency: 'EUR' });
  const { batch, leftOut } = await make();
  expect(batch.items).toMatchObject(seen.items.map(({ endToEndId }) => ({ endToEndId })));
  expect(batch).toMatchObject({
    number: 1,
    status: 'open',
    executeOn: '2026-11-22',
    totalMinor: 1000n,
    items: [{ partnerKey: 'one', period: '2026-09', amountMinor: 1000n, endToEndId: 'PO-1-1' }],
  });
  expect(leftOut).toMatchObject([{ partnerKey: 'two', because: 'no-payee' }]);
  expect(await codeOf(make())).toBe('nothing-to-pay-out');
  expect(await csvOf(1)).toBe(
    'batch,item,end_to_end_id,partner,statement,payee,account,bic,amount,currency,execute_on\r\n' +
      `1,1,PO-1-1,one,2026-09.EUR,One Ltd,${ibans[0] ?? ''},,10.00,EUR,2026-11-22\r\n`,
  );
  const xml = await readPayoutFile(tools, { number: 1, format: 'pain.001' });
  expect(xml.toString()).toContain('<InstdAmt Ccy="EUR">10.00</InstdAmt>');
  expect(createHash('sha256').update(xml).digest()).toEqual(batch.pain001Sha256);
});

test('it is paid once, however many say so, and handed out as it was written', async () => {
  const before = await csvOf(1);
  const marks = await Promise.all(
    Array.from({ length: 50 }, (_, one) => codeOf(pay(1, one % 2 ? 'wire 1' : 'wire 2'))),
  );
  expect(marks.filter((one) => one === 'done')).toHaveLength(25);
  expect(marks.filter((one) => one === 'statement-paid')).toHaveLength(25);
  const { accounts } = await readTrialBalance(tools, { partnerId: idOf('one') });
  const inEuros = accounts.filter(({ currency }) => currency === 'EUR');
  expect(inEuros.find(({ account }) => account === 'clearing')?.balanceMinor).toBe(-1000n);
  expect(await csvOf(1)).toBe(before);
  expect(await codeOf(releasePayout(tools, { number: 1, reason: 'late', by: ada }))).toBe('payout-paid'); // prettier-ignore
});

test('a batch that is not what was written is not written again', async () => {
  await givenPayee('two', ibans[1] ?? '');
  await givenPayee('three', ibans[2] ?? '');
  await approve('three', '2026-09');
  const { batch } = await make();
  expect(batch.items.map(({ partnerKey }) => partnerKey).sort()).toEqual(['three', 'two']);
  const number = batch.number;
  const two = batch.items.find(({ partnerKey }) => partnerKey === 'two')?.position ?? 0;
  expect(await codeOf(csvOf(number))).toBe('done');
  const release = (reason: string, positions?: number[]) => releasePayout(tools, { number, positions, reason, by: ben }); // prettier-ignore
  expect(await codeOf(release('', [two]))).toBe('invalid-payout');
  expect(await codeOf(release('sent back', [99]))).toBe('unknown-payout');
  await release('sent back', [two]);
  expect(await codeOf(release('again', [two]))).toBe('payout-released');
  expect(await codeOf(csvOf(number))).toBe('payout-changed');
  const next = (await make()).batch;
  expect(next.items).toMatchObject([{ partnerKey: 'two', payee: { account: ibans[1] } }]);
  await givenPayee('two', ibans[0] ?? '');
  expect(await codeOf(csvOf(next.number))).toBe('payout-changed');
  const name = { partnerId: idOf('three'), period: '2026-09', currency: 'EUR' };
  await payStatement(tools, { name, reference: 'by hand', by: ada });
  expect(await codeOf(pay(number, 'wire 3'))).toBe('statement-paid');
  expect(await codeOf(pay(number, 'by hand'))).toBe('done');
});

test('in another currency finance pays by hand: CSV without an account, and no pain.001', async () => {
  await approve('one', '2026-09', 'JPY');
  const { batch } = await makePayout(tools, { currency: 'JPY', by: ada });
  expect(await csvOf(batch.number)).toContain('one,2026-09.JPY,,,,500,JPY');
  const pain = readPayoutFile(tools, { number: batch.number, format: 'pain.001' });
  expect(await codeOf(pain)).toBe('not-in-format');
});

test('the database keeps amounts, hashes and items, and lets a statement into one batch', async () => {
  const { db } = tools;
  const say = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code,
    );
  await approve('one', '2026-10');
  const { batch } = await make(ada, { endedBefore: '2026-11-01' });
  const of = { batch_number: batch.number };
  expect(batch.items).toHaveLength(1);
  expect(await say(db('payout_items').where(of).update({ amount_minor: 1 }))).toBe('42501');
  expect(await say(db('payout_batches').where('number', batch.number).update({ csv: Buffer.from('x') }))).toBe('42501'); // prettier-ignore
  const row = await db('payout_items').where(of).first<Record<string, unknown>>();
  const twice = { ...row, position: 2, end_to_end_id: 'again' };
  expect(await say(db('payout_items').insert(twice))).toBe('23505');
  const more = { ...twice, amount_minor: '78' };
  expect(await say(db('payout_items').insert(more))).toBe('23514');
  const owner = house.admin('payout_items').where(of);
  expect(await say(owner.clone().update({ amount_minor: 1 }))).toBe('42501');
  expect(await say(owner.clone().delete())).not.toBe('done');
});

test('fifty batches made at once are one', async () => {
  await approve('two', '2026-10');
  const made = await Promise.all(Array.from({ length: 50 }, () => codeOf(make())));
  expect(made.filter((one) => one === 'done')).toHaveLength(1);
  expect(made.filter((one) => one === 'nothing-to-pay-out')).toHaveLength(49);
});
