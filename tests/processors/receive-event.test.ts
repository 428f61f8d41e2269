import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { createGateway } from '../../src/gateway.ts';
import { relateCustomer } from '../../src/intake/index.ts';
import { customerIdOf, findSettledPayments, serviceIdOf } from '../../src/records/index.ts';
import { findRelationshipsOfPartner } from '../../src/relationships/index.ts';
import { customer, givenPartner, givenRecords, service } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { send, stripeSettings } from './given-processors.ts';
import { day, event, invoice } from './stripe-events.ts';

let house: House;
let gateway: Express;

beforeAll(async () => {
  house = await openHouse({ settings: stripeSettings() });
  gateway = createGateway(house.tools);
  await givenRecords(house.tools, [service('store'), service('cloud'), customer('cus_1')]);
});
afterAll(() => house.close());

test('a paid invoice becomes a payment of its service, which activates the relationship', async () => {
  const { partner } = await givenPartner(house.tools);
  const of = { customerId: customerIdOf('cus_1'), serviceId: serviceIdOf('store') };
  const since = { at: new Date(day(0) * 1000), evidence: 'signed up', actor: 'test' };
  await relateCustomer(house.tools, { partner, ...of, ...since, reference: null });
  const paid = invoice('in_1', [{ product: 'prod_store', amount: 1000, tax: 190 }]);
  const answer = await send(gateway, house.tools, event('invoice.paid', paid, { created: day(1) }));
  expect([answer.status, answer.body.state]).toEqual([200, 'applied']);
  const payments = await findSettledPayments(house.tools.db, { customerIds: [of.customerId] });
  expect(payments).toMatchObject([
    { sourceKey: 'in_1:store', amountMinor: 1190n, taxMinor: 190n, currency: 'EUR' },
  ]);
  const [relationship] = await findRelationshipsOfPartner(house.tools.db, partner.id);
  expect(relationship?.activatedAt).toEqual(new Date(day(1) * 1000));
});

test('promise P10: an invoice on which nothing was paid makes nobody a paying customer', async () => {
  await givenRecords(house.tools, [customer('cus_trial')]);
  const { partner } = await givenPartner(house.tools, { key: 'trials' });
  const of = { customerId: customerIdOf('cus_trial'), serviceId: serviceIdOf('cloud') };
  const since = { at: new Date(day(0) * 1000), evidence: 'signed up', actor: 'test' };
  await relateCustomer(house.tools, { partner, ...of, ...since, reference: null });
  const trial = invoice('in_trial', [{ product: 'prod_cloud', amount: 0 }], {
    customer: 'cus_trial',
  });
  const answer = await send(
    gateway,
    house.tools,
    event('invoice.paid', trial, { created: day(1) }),
  );
  expect(answer.body.state).toBe('applied');
  const [before] = await findRelationshipsOfPartner(house.tools.db, partner.id);
  expect(before).toMatchObject({ activatedAt: null, isActive: false });
  const paid = invoice('in_paid', [{ product: 'prod_cloud', amount: 1 }], {
    customer: 'cus_trial',
  });
  await send(gateway, house.tools, event('invoice.paid', paid, { created: day(1) }));
  const [after] = await findRelationshipsOfPartner(house.tools.db, partner.id);
  expect(after).toMatchObject({ isActive: true });
});

test('of an invoice of two services either both payments are stored or none', async () => {
  const lines = [
    { product: 'prod_store', amount: 1000 },
    { product: 'prod_desk', amount: 500 },
  ];
  const half = event('invoice.paid', invoice('in_half', lines), {
    id: 'evt_half',
    created: day(2),
  });
  expect((await send(gateway, house.tools, half)).body.state).toBe('waiting');
  const stored = () => house.admin('records').where('source_key', 'like', 'in_half%');
  expect(await stored()).toEqual([]);
  await givenRecords(house.tools, [service('desk')]);
  expect((await send(gateway, house.tools, half)).body.state).toBe('applied');
  expect(await stored()).toHaveLength(2);
});
