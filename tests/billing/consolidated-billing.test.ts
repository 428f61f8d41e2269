import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGateway } from '../../src/gateway.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { setChoice } from '../../src/intake/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { findClosedStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  money,
  payment,
  service,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { bill, billingDesk } from './billing-desk.ts';

/**
 * Consolidated billing over the HTTP surface: the customer agrees, the partner bills our invoices and
 * says what became of them, and both tie out on the statement.
 */

let house: House;
let desk: ReturnType<typeof billingDesk>;
let bright: Awaited<ReturnType<typeof givenPartner>>;
let staff: Awaited<ReturnType<typeof givenPerson>>;
const clock = testClock(new Date('2026-10-20T12:00:00Z'));
const september = { at: new Date('2026-09-01T00:00:00Z') };

beforeAll(async () => {
  house = await openHouse({ clock });
  bright = await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('ada'), customer('bob'), customer('eve')]);
  for (const one of ['ada', 'bob']) {
    await givenRelationship(house.tools, bright.partner, one, september);
    const first = { settledAt: '2026-09-02T00:00:00Z' };
    await givenRecords(house.tools, [payment(`first-${one}`, one, first)]);
  }
  staff = await givenPerson(house.tools, ['partner', 'finance', 'intake']);
  desk = billingDesk(createGateway(house.tools), { staffKey: staff.key, partner: bright });
});
afterAll(() => house.close());

const at = '2026-10-10T08:00:00Z';

test('promise P13: who agreed is billed by the partner: open invoices are shown and logged, from that day on', async () => {
  await givenRecords(house.tools, [bill('a-9', 'ada', '2026-09')]);
  expect((await desk.agree('ada', '2026-09-15')).body).toMatchObject({ code: 'period-billed' });
  expect((await desk.agree('ada', '2026-10-01')).status).toBe(200);
  await givenRecords(house.tools, [bill('a-10', 'ada', '2026-10'), bill('b-10', 'bob', '2026-10')]);
  const shown = await desk.ready();
  expect([...shown.keys()]).toEqual(['N-a-10']);
  expect(shown.get('N-a-10')).toMatchObject({ open: { amount: 1190 }, isBilled: false });
  const { body } = await desk.partner('get', 'disclosures');
  expect(JSON.stringify(body)).toContain('"recordType":"bill-ready"');
  expect([await desk.told('a-9'), await desk.told('a-10'), await desk.told('b-10')]).toEqual(['direct', 'brightside', 'direct']); // prettier-ignore
});

test('promise P13: what is collected is the customer’s payment, earns its fee, and is owed to us on the statement', async () => {
  const id = await desk.idOf('N-a-10');
  const collected = { reference: 'c-1', invoice: id, status: 'collected', at, amount: money(690) };
  expect(await desk.report({ reference: 'b-1', invoice: id, status: 'billed', at, amount: money(1190) }, collected)).toEqual(['accepted', 'accepted']); // prettier-ignore
  expect(await desk.report(collected)).toEqual(['unchanged']);
  expect((await desk.ready()).get('N-a-10')).toMatchObject({
    open: { amount: 500 },
    isBilled: true,
  });
  expect(await desk.report({ ...collected, reference: 'c-2', amount: money(501) })).toEqual(['more-than-open']); // prettier-ignore
  expect(await desk.report({ ...collected, reference: 'c-2', amount: money(500) })).toEqual(['accepted']); // prettier-ignore
  expect((await desk.ready()).size).toBe(0);

  clock.set(new Date('2026-11-02T12:00:00Z'));
  const { partner } = bright;
  await accrueFees(house.tools, { partnerId: partner.id });
  await closePartner(house.tools, { partner, month: '2026-09', by: staff.id });
  await closePartner(house.tools, { partner, month: '2026-10', by: staff.id });
  const [statement] = await findClosedStatements(house.tools.db, { partnerId: partner.id });
  // 20 % of 1000.00 net is the fee; 1190.00 was collected. September had 20 % of two times 1200.
  expect(statement).toMatchObject({
    ...{ period: '2026-10', collectedMinor: 1190n, accruedMinor: 200n, closingMinor: -990n },
  });
  const { body } = await desk.partner('get', 'collections');
  const named = (body as { data: { reference: string; statement: string | null }[] }).data;
  expect(named.map(({ reference, statement: of }) => [reference, of])).toEqual([
    ['b-1', null],
    ['c-1', '2026-10.EUR'],
    ['c-2', '2026-10.EUR'],
  ]);
});

test('promise P32: after an opt-out nothing is shown any more, and what is on the way can still be handed over', async () => {
  clock.set(new Date('2026-11-20T12:00:00Z'));
  await givenRecords(house.tools, [
    bill('a-11', 'ada', '2026-11'),
    bill('a-11b', 'ada', '2026-11', { number: 'N-a-11b' }),
  ]);
  const [id, other] = [await desk.idOf('N-a-11'), await desk.idOf('N-a-11b')];
  const when = '2026-11-18T00:00:00Z';
  expect(await desk.report({ reference: 'b-3', invoice: id, status: 'billed', at: when, amount: money(1190) })).toEqual(['accepted']); // prettier-ignore
  await setChoice(house.tools, {
    ...{ customerId: customerIdOf('ada'), partner: undefined, sharing: 'refused' },
    ...{ at: new Date('2026-11-19T00:00:00Z'), evidence: 'letter', actor: 'test' },
  });
  expect((await desk.ready()).size).toBe(0);
  const collect = (invoiceId: string, reference: string) =>
    desk.report({
      reference,
      invoice: invoiceId,
      status: 'collected',
      at: when,
      amount: money(1190),
    });
  expect(await collect(other, 'c-4')).toEqual(['not-bill-ready']);
  expect(await collect('inv_AAAAAAAAAAAAAAAAAAAAAA', 'c-4')).toEqual(['not-bill-ready']);
  // What we got from the customer meanwhile is hidden, and makes no difference.
  const direct = { invoice: 'a-11', settledAt: '2026-11-19T12:00:00Z', amount: money(1190) };
  await givenRecords(house.tools, [payment('direct', 'ada', direct)]);
  const more = { reference: 'c-5', invoice: id, status: 'collected', at: when, amount: money(1191) }; // prettier-ignore
  expect(await desk.report(more, { ...more, status: 'billed', amount: money(1) })).toEqual(['more-than-open', 'more-than-open']); // prettier-ignore
  expect(await collect(id, 'c-3')).toEqual(['accepted']);
});
