import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { setChoice } from '../../src/intake/index.ts';
import { findPartnerByKey } from '../../src/partners/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { findClosedStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  invoice,
  money,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

/**
 * Consolidated billing over the HTTP surface: the customer agrees, the partner bills our invoices and
 * says what became of them, and both tie out on the statement.
 */

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;
let staff: Awaited<ReturnType<typeof givenPerson>>;
const clock = testClock(new Date('2026-10-20T12:00:00Z'));

beforeAll(async () => {
  house = await openHouse({ clock });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('ada'), customer('bob'), customer('eve')]);
  for (const one of ['ada', 'bob']) {
    await givenRelationship(house.tools, bright.partner, one, { at: new Date('2026-09-01T00:00:00Z') }); // prettier-ignore
    await givenRecords(house.tools, [payment(`first-${one}`, one, { settledAt: '2026-09-02T00:00:00Z' })]); // prettier-ignore
  }
  staff = await givenPerson(house.tools, ['partner', 'finance', 'intake']);
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

/** Tokens live for minutes. */
async function itIs(moment: string): Promise<void> {
  clock.set(new Date(moment));
  token = await givenToken(gateway, bright);
}

const operator = (method: 'get' | 'post', path: string, body?: object) =>
  request(gateway)[method](`/operator/v1/${path}`).set('Authorization', `Bearer ${staff.key}`).send(body); // prettier-ignore
const asPartner = (method: 'get' | 'post', path: string, body?: object) =>
  request(gateway)[method](`/v1/${path}`).set('Authorization', `Bearer ${token}`).send(body);

const agree = (of: string, from: string, mode = 'consolidated') =>
  operator('post', 'billing-modes', {
    ...{ partner: 'brightside', customer: of, service: 'store', mode, from },
    evidence: 'ticked in the account on 2026-09-20',
  });

const bill = (id: string, of: string, month: string, more = {}) =>
  invoice(id, of, {
    ...{ issuedOn: `${month}-02`, dueOn: `${month}-16`, total: money(1190), tax: money(190) },
    lines: [{ amount: money(1000), periodFrom: `${month}-01`, periodTo: `${month}-28` }],
    ...more,
  });

interface Item {
  readonly invoice: { readonly id: string; readonly number: string };
  readonly open: { readonly amount: number };
  readonly isBilled: boolean;
}

async function ready(): Promise<Map<string, Item>> {
  const { body, status } = await asPartner('get', 'bill-ready');
  expect([status, body]).toEqual([200, expect.anything()]);
  return new Map((body as { data: Item[] }).data.map((item) => [item.invoice.number, item]));
}

async function report(...collections: object[]) {
  const { body, status } = await asPartner('post', 'collections', { collections });
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body as { data: { outcome: string; code?: string }[] }).data.map(
    ({ outcome, code }) => code ?? outcome,
  );
}

const idOf = async (number: string) => (await ready()).get(number)?.invoice.id ?? '';
const at = '2026-10-10T08:00:00Z';

test('promise P13: who agreed is billed by the partner: open invoices are shown and logged, from that day on', async () => {
  await givenRecords(house.tools, [bill('a-9', 'ada', '2026-09')]);
  expect((await agree('ada', '2026-09-15')).body).toMatchObject({ code: 'period-billed' });
  expect((await agree('ada', '2026-10-01')).status).toBe(200);
  await givenRecords(house.tools, [bill('a-10', 'ada', '2026-10'), bill('b-10', 'bob', '2026-10')]);
  const shown = await ready();
  expect([...shown.keys()]).toEqual(['N-a-10']);
  expect(shown.get('N-a-10')).toMatchObject({ open: { amount: 1190 }, isBilled: false });
  const { body } = await asPartner('get', 'disclosures');
  expect(JSON.stringify(body)).toContain('invoice');
  const told = async (key: string) => ((await operator('get', `bills/${key}`)).body as { biller: string }).biller; // prettier-ignore
  expect([await told('a-9'), await told('a-10'), await told('b-10')]).toEqual(['direct', 'brightside', 'direct']); // prettier-ignore
});

test('promise P13: what is collected is the customer’s payment, earns its fee, and is owed to us on the statement', async () => {
  const id = await idOf('N-a-10');
  const collected = { reference: 'c-1', invoice: id, status: 'collected', at, amount: money(690) };
  expect(await report({ reference: 'b-1', invoice: id, status: 'billed', at, amount: money(1190) }, collected)).toEqual(['accepted', 'accepted']); // prettier-ignore
  expect(await report(collected)).toEqual(['unchanged']);
  expect((await ready()).get('N-a-10')).toMatchObject({ open: { amount: 500 }, isBilled: true });
  expect(await report({ ...collected, reference: 'c-2', amount: money(501) })).toEqual(['more-than-open']); // prettier-ignore
  expect(await report({ ...collected, reference: 'c-2', amount: money(500) })).toEqual(['accepted']); // prettier-ignore
  expect((await ready()).size).toBe(0);

  await itIs('2026-11-02T12:00:00Z');
  const partner = await findPartnerByKey(house.tools.db, 'brightside');
  if (!partner) throw new Error('The partner is gone.');
  await accrueFees(house.tools, { partnerId: partner.id });
  await closePartner(house.tools, { partner, month: '2026-09', by: staff.id });
  await closePartner(house.tools, { partner, month: '2026-10', by: staff.id });
  const [statement] = await findClosedStatements(house.tools.db, { partnerId: partner.id });
  // 20 % of 1000.00 net is the fee; 1190.00 was collected. September had 20 % of two times 1200.
  expect(statement).toMatchObject({
    ...{ period: '2026-10', collectedMinor: 1190n, accruedMinor: 200n, closingMinor: -990n },
  });
  const { body } = await asPartner('get', 'collections');
  const named = (body as { data: { reference: string; statement: string | null }[] }).data;
  expect(named.map(({ reference, statement: of }) => [reference, of])).toEqual([
    ['b-1', null],
    ['c-1', '2026-10.EUR'],
    ['c-2', '2026-10.EUR'],
  ]);
});

test('promise P32: after an opt-out nothing is shown any more, and what is on the way can still be handed over', async () => {
  await itIs('2026-11-20T12:00:00Z');
  await givenRecords(house.tools, [
    bill('a-11', 'ada', '2026-11'),
    bill('a-11b', 'ada', '2026-11', { number: 'N-a-11b' }),
  ]);
  const [id, other] = [await idOf('N-a-11'), await idOf('N-a-11b')];
  const when = '2026-11-18T00:00:00Z';
  expect(await report({ reference: 'b-3', invoice: id, status: 'billed', at: when, amount: money(1190) })).toEqual(['accepted']); // prettier-ignore
  await setChoice(house.tools, {
    ...{ customerId: customerIdOf('ada'), partner: undefined, sharing: 'refused' },
    ...{ at: new Date('2026-11-19T00:00:00Z'), evidence: 'letter', actor: 'test' },
  });
  expect((await ready()).size).toBe(0);
  const collect = (invoiceId: string, reference: string) =>
    report({ reference, invoice: invoiceId, status: 'collected', at: when, amount: money(1190) });
  expect(await collect(other, 'c-4')).toEqual(['not-bill-ready']);
  expect(await collect('inv_AAAAAAAAAAAAAAAAAAAAAA', 'c-4')).toEqual(['not-bill-ready']);
  expect(await collect(id, 'c-3')).toEqual(['accepted']);
});
