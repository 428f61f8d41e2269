import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGateway } from '../../src/gateway.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { bill, billingDesk } from '../billing/billing-desk.ts';
import { givenPerson } from '../people/given-people.ts';
import { customer, givenPartner, givenRecords, givenRelationship, money, payment, service } from '../support/given.ts'; // prettier-ignore
import { openHouse, testClock, type House } from '../support/house.ts';
import { runCommand } from '../support/run-command.ts';

let house: House;
let desk: ReturnType<typeof billingDesk>;
let staff: Awaited<ReturnType<typeof givenPerson>>;
let bright: Awaited<ReturnType<typeof givenPartner>>;
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-billing-'));
const clock = testClock(new Date('2026-10-20T12:00:00Z'));

beforeAll(async () => {
  house = await openHouse({ clock });
  bright = await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('ada')]);
  await givenRelationship(house.tools, bright.partner, 'ada');
  await givenRecords(house.tools, [payment('first', 'ada')]);
  staff = await givenPerson(house.tools, ['finance', 'partner']);
  desk = billingDesk(createGateway(house.tools), { staffKey: staff.key, partner: bright });
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const sluice = (...words: string[]) =>
  runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
    SLUICE_STAFF_KEY: staff.key,
  });
const rowsOf = async (...words: string[]) =>
  JSON.parse((await sluice(...words, '--json')).text) as Record<string, unknown>[];

test('who bills is set, told with its reason, and taken back; what is unknown is said', async () => {
  const set = ['billing', 'set', '--partner', 'brightside', '--customer', 'ada', '--service', 'store', '--evidence', 'a letter']; // prettier-ignore
  const asked = [...set, '--mode', 'consolidated', '--from'];
  expect(await sluice(...asked, 'soon')).toMatchObject({ code: 1, text: expect.stringContaining('invalid-billing-mode, at /from') }); // prettier-ignore
  expect((await sluice(...set, '--mode', 'both', '--from', '2026-10-01')).code).toBe(2);
  expect((await sluice(...asked, '2026-10-01')).code).toBe(0);
  await givenRecords(house.tools, [bill('i1', 'ada', '2026-10')]);
  expect(await rowsOf('billing', 'who', 'i1')).toMatchObject([{ biller: 'brightside', because: 'agreed', from: '2026-10-01', until: '2026-10-29', open: '11.90' }]); // prettier-ignore
  expect((await sluice('billing', 'who', 'i9')).text).toContain('(unknown-invoice)');
  expect(await rowsOf('billing', 'history', 'ada')).toMatchObject([{ partner: 'brightside', mode: 'consolidated', from: '2026-10-01' }]); // prettier-ignore
  expect((await sluice('billing', 'history', 'nobody')).text).toContain('(unknown-customer)');
  expect((await sluice('billing', 'return', 'i1')).text).toContain('(not-billed)');
  const invoice = await desk.idOf('N-i1');
  const at = '2026-10-10T00:00:00Z';
  const said = { invoice, status: 'billed', at, amount: money(1190) };
  const wrong = await desk.partner('post', 'collections', { collections: [{ ...said, reference: 'x', amount: money(1, 'USD') }] }); // prettier-ignore
  expect(wrong.body).toMatchObject({ data: [{ code: 'currency-differs', field: '/collections/0/amount/currency' }] }); // prettier-ignore
  await desk.report({ ...said, reference: 'b1' }, { ...said, reference: 'c1', status: 'collected', amount: money(1000) }); // prettier-ignore
  expect((await sluice('billing', 'return', 'i1')).code).toBe(0);
  expect(await rowsOf('billing', 'who', 'i1')).toMatchObject([{ biller: 'direct', because: 'returned', open: '1.90' }]); // prettier-ignore
  const reports = await rowsOf('billing', 'reports', '--partner', 'brightside');
  expect(reports.map(({ status, amount }) => [status, amount])).toEqual([['billed', '11.90'], ['collected', '10.00'], ['failed', '']]); // prettier-ignore
});

test('what a partner paid is booked once, on the command line as over the API, and listed with its statement', async () => {
  clock.set(new Date('2026-11-02T12:00:00Z'));
  for (const month of ['2026-10']) await closePartner(house.tools, { partner: bright.partner, month, by: staff.id }); // prettier-ignore
  const add = (amount: string, reference: string) =>
    sluice('remittance', 'add', '--partner', 'brightside', '--amount', amount, '--currency', 'EUR', '--reference', reference, '--on', '2026-11-02'); // prettier-ignore
  expect((await add('10.01', 'SEPA 1')).text).toContain('(more-than-owed)');
  expect((await add('4.00', 'SEPA 1')).code).toBe(0);
  expect((await add('4.00', 'SEPA 1')).code).toBe(0);
  expect((await add('4.01', 'SEPA 1')).text).toContain('(transfer-conflict)');
  const over = { partner: 'brightside', reference: 'SEPA 2', amount: money(600), on: '2026-11-02' };
  expect((await desk.operator('post', 'remittances', over)).body).toMatchObject({ amount: { amount: 600 }, statement: null }); // prettier-ignore
  clock.set(new Date('2026-12-02T12:00:00Z'));
  await closePartner(house.tools, { partner: bright.partner, month: '2026-11', by: staff.id });
  const listed = await rowsOf('remittance', 'list');
  expect(listed.map(({ reference, amount, statement }) => [reference, amount, statement])).toEqual([['SEPA 1', '4.00', '2026-11.EUR'], ['SEPA 2', '6.00', '2026-11.EUR']]); // prettier-ignore
  const { body } = await desk.operator('get', 'remittances?partner=brightside');
  expect((body as { data: object[] }).data).toMatchObject([{ reference: 'SEPA 1', statement: '2026-11.EUR' }, {}]); // prettier-ignore
});
