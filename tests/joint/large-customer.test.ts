import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { readEpoch } from '../../src/logs/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship, setChoice } from '../../src/intake/index.ts';
import { checkJoint, mendJoint } from '../../src/joint/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import {
  givenPartner,
  givenSharedCustomer,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  token = await givenToken(gateway, bright);
  await givenSharedCustomer(house.tools, bright.partner, 'small');
});
afterAll(() => house.close());

/** Rows of a customer that multiply one of its invoices; no source has them, but pages show them. */
async function givenLarge(id: string, rows: number): Promise<void> {
  await givenSharedCustomer(house.tools, bright.partner, id);
  const { rows: columns } = await house.admin.raw<{ rows: { name: string }[] }>(
    `select column_name as name from information_schema.columns where table_name = 'joint_records'
       and column_name not in ('position', 'record_id')`,
  );
  const copied = columns.map(({ name }) => name).join(', ');
  await house.admin.raw(
    `insert into joint_records (position, record_id, ${copied})
     select gen_random_uuid(), gen_random_uuid(), ${copied}
     from joint_records cross join generate_series(1, ?::integer)
     where customer_id = ? and record_type = 'invoice'`,
    [rows, customerIdOf(id)],
  );
  await house.admin.raw('analyze joint_records');
}

const choose = (id: string, sharing: string) =>
  setChoice(house.tools, {
    customerId: customerIdOf(id),
    partner: undefined,
    sharing,
    at: house.tools.clock.now(),
    evidence: 'asked',
    actor: 'test',
  });

/** The customers that the partner sees. */
async function shown(): Promise<string[]> {
  const answer = await request(gateway)
    .get('/v1/customers?limit=1000')
    .auth(token, { type: 'bearer' });
  expect(answer.status).toBe(200);
  const { data } = answer.body as { data: { contact: { name: string } }[] };
  return data.map(({ contact }) => contact.name).sort();
}

/** Whether the partner's first page of invoices shows any of this customer. */
async function showsInvoices(id: string): Promise<boolean> {
  const answer = await request(gateway)
    .get('/v1/invoices?limit=1000')
    .auth(token, { type: 'bearer' });
  return answer.text.includes(`N-i-${id}"`);
}

const standing = async (id: string) => {
  const rows = await house.admin('joint_records').where('customer_id', customerIdOf(id));
  const closures = await house.admin('joint_closures').where('customer_id', customerIdOf(id));
  return [rows.length, closures.length];
};

const sweeping = {
  fails: () =>
    house.admin.raw(`create function fail() returns trigger language plpgsql as
        $$ begin raise exception 'no disk'; end $$;
      create trigger fail before delete on joint_records for each statement execute function fail()`),
  works: () => house.admin.raw('drop trigger fail on joint_records; drop function fail()'),
};

test('promise P32: a very large customer is closed by one row with the choice, and its records are removed after', async () => {
  await givenLarge('vast', 10_000);
  expect(await shown()).toEqual(['Person small', 'Person vast']);
  expect(await showsInvoices('vast')).toBe(true);
  await sweeping.fails();
  await choose('vast', 'refused');
  // the choice holds although not one record could be removed
  expect(await shown()).toEqual(['Person small']);
  expect(await showsInvoices('vast')).toBe(false);
  expect(await standing('vast')).toEqual([10_003, 1]);
  await sweeping.works();
  // the next who sweeps removes them
  await choose('small', 'refused');
  expect(await standing('vast')).toEqual([0, 0]);
  await choose('small', 'allowed');
  await choose('vast', 'allowed');
  expect(await shown()).toEqual(['Person small', 'Person vast']);
  expect(await checkJoint(house.tools)).toEqual([]);
}, 60_000);

test('a mend removes what a closed customer left, and allowing again puts its records right', async () => {
  await givenLarge('wide', 10_001);
  await sweeping.fails();
  await choose('wide', 'refused');
  await sweeping.works();
  expect(await standing('wide')).toEqual([10_004, 1]);
  await mendJoint(house.tools);
  expect(await shown()).not.toContain('Person wide');
  expect(await standing('wide')).toEqual([0, 0]);
  await choose('wide', 'allowed');
  await givenLarge('wider', 10_001);
  await sweeping.fails();
  await choose('wider', 'refused');
  await sweeping.works();
  await choose('wider', 'allowed');
  expect(await shown()).toContain('Person wider');
  expect(await standing('wider')).toEqual([3, 0]);
  expect(await checkJoint(house.tools)).toEqual([]);
}, 60_000);

test('an opt-out about one service closes a very large customer too, and the epoch rises for it', async () => {
  await givenLarge('big', 10_000);
  const epoch = () => readEpoch(house.tools.db, bright.partner.id);
  const before = await epoch();
  await changeRelationship(house.tools, {
    partner: bright.partner,
    customerId: customerIdOf('big'),
    serviceId: serviceIdOf('store'),
    event: 'opted-out',
    at: house.tools.clock.now(),
    evidence: 'asked',
    actor: 'test',
  });
  expect(await epoch()).toBe(before + 1n);
  expect(await shown()).not.toContain('Person big');
  expect(await standing('big')).toEqual([0, 0]);
}, 60_000);
