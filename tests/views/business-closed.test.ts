import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { explainSharing } from '../../src/explanations/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { diffView, previewView } from '../../src/views/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const recordTypesDir = fileURLToPath(new URL('../../examples/northwind/records', import.meta.url));
const view = {
  customer: { properties: { contact: true } },
  order: { properties: { orderedOn: true } },
};

let house: House;
let works: GivenPartner;

beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
  works = await givenPartner(house.tools, {
    ...{ key: 'works', kind: 'integration', purposes: ['integration'] },
    ...{ classes: ['contact', 'business'], view },
  });
  const order = {
    id: 'o-1',
    customer: 'ada',
    service: 'store',
    orderedOn: '2026-04-01',
    lines: [],
  };
  await givenRecords(house.tools, [
    service(),
    customer('ada'),
    payment('p', 'ada'),
    ['order', order],
  ]);
  await givenRelationship(house.tools, works.partner, 'ada');
});
afterAll(() => house.close());

test('promise P22: a preview names the business fields that a partner would get, and shows none of them', async () => {
  const previews = await previewView(house.tools, {
    partner: works.partner,
    customerId: customerIdOf('ada'),
  });
  const order = previews.find(({ recordType }) => recordType === 'order');
  expect(order).toMatchObject({ fields: [], records: [], more: 0 });
  expect(order?.withheld).toContain('orderedOn');
  expect(previews.find(({ recordType }) => recordType === 'customer')?.records).toHaveLength(1);
  expect(JSON.stringify(previews)).not.toContain('2026-04-01');
});

test('promise P22: what a change of a view would show of business data is counted, never quoted', async () => {
  const diff = await diffView(house.tools, {
    partner: works.partner,
    draft: { properties: { customer: { properties: { contact: true } } } },
  });
  const orders = diff.changes.filter(({ recordType }) => recordType === 'order');
  expect(orders).toContainEqual(expect.objectContaining({ field: 'orderedOn', recordsLost: 1 }));
  expect(JSON.stringify(diff)).not.toContain('2026-04-01');
});

test('promise P22: why a business field is shown is told without a look at any record', async () => {
  const ask = { partner: works.partner, customer: 'ada', field: 'order.orderedOn' };
  const why = await explainSharing(house.tools, ask);
  expect(why).toMatchObject({ allowed: true, records: [], more: 0 });
  expect(JSON.stringify(why)).not.toContain('2026-04-01');
});
