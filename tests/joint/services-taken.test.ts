import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readEpoch } from '../../src/logs/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { shareRecords } from '../../src/sharing/index.ts';
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
const services = ['store', 'archive'] as const;
let house: House;
/** Its relationships about both services are active, its agreement covers the store alone. */
let linked: GivenPartner;

beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
  linked = await givenPartner(house.tools, {
    key: 'linked',
    kind: 'integration',
    classes: ['contact', 'account', 'financial', 'billing', 'business'],
    purposes: ['identity', 'billing', 'fees', 'integration'],
    view: { customer: true, order: true },
    terms: { services: ['store'] },
  });
  await givenRecords(house.tools, [customer('ada'), ...services.map((one) => service(one))]);
  for (const one of services) {
    await givenRecords(house.tools, [payment(`paid-${one}`, 'ada', { service: one })]);
    await givenRelationship(house.tools, linked.partner, 'ada', { serviceKey: one });
  }
});
afterAll(() => house.close());

const order = (id: string, more: Record<string, unknown>) =>
  [
    'order',
    { id, customer: 'ada', service: 'store', orderedOn: '2026-03-01', lines: [], ...more },
  ] as const;
const epoch = () => readEpoch(house.tools.db, linked.partner.id);

/** The days of the orders that a page shows. */
async function shown(tools: Tools): Promise<unknown[]> {
  const { partner, clientId } = linked;
  const { body } = await shareRecords(tools, {
    caller: {
      ...{ partnerId: partner.id, partnerKey: partner.key, partnerName: partner.name },
      ...{ kind: partner.kind, clientId, tokenId: 'tok_test' },
      scopes: ['contact', 'business'],
      purposes: ['integration'],
    },
    ...{ recordType: 'order', limit: 100, cursor: undefined },
  });
  const { data } = JSON.parse(body.toString()) as { data: { orderedOn: string }[] };
  return data.map(({ orderedOn }) => orderedOn).sort();
}

/** Tools whose reader lets something happen after its first page was read, before it is logged. */
function whileUnderWay(work: () => Promise<void>): Tools {
  const { reader } = house.tools;
  let isFirst = true;
  const read: typeof reader.read = async (...asked) => {
    const rows = await reader.read<never>(...asked);
    if (isFirst) await work();
    isFirst = false;
    return rows;
  };
  return { ...house.tools, reader: { ...reader, read } };
}

test('promise P11: a record that moves to a service that is not covered is not in a page that was under way', async () => {
  await givenRecords(house.tools, [
    order('stays', { orderedOn: '2026-03-02' }),
    order('moves', { orderedOn: '2026-03-03' }),
  ]);
  expect(await shown(house.tools)).toEqual(['2026-03-02', '2026-03-03']);
  const tools = whileUnderWay(() =>
    givenRecords(house.tools, [order('moves', { service: 'archive', orderedOn: '2026-03-03' })]),
  );
  expect(await shown(tools)).toEqual(['2026-03-02']);
});

test('an edit raises the epoch exactly where it takes a service from what the partner holds', async () => {
  const edit = fc.record({
    service: fc.constantFrom(...services),
    orderedOn: fc.constantFrom('2026-03-01', '2026-04-01'),
    shipper: fc.option(fc.constantFrom('1', '2'), { nil: undefined }),
  });
  let serial = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 2, maxLength: 5 }), async (edits) => {
      serial += 1;
      let before: (typeof edits)[number] | undefined;
      for (const made of edits) {
        const since = await epoch();
        await givenRecords(house.tools, [order(`o${String(serial)}`, made)]);
        const isTaken = before !== undefined && before.service !== made.service;
        expect((await epoch()) > since).toBe(isTaken);
        before = made;
      }
    }),
    { numRuns: 25 },
  );
});
