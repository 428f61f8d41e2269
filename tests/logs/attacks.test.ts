import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';

let house: House;
let log: string;
beforeAll(async () => {
  house = await openHouse();
  log = await givenLog(house.tools);
  for (let i = 0; i < 3; i += 1) await appendDisclosure(house.tools, givenDisclosure(log));
});
afterAll(async () => {
  await house.close();
});

const hash = `decode(repeat('00', 32), 'hex')`;
const insertEntry = `insert into disclosure_entries (recipient_id, index, entry_id, entry, leaf_hash`;

const refused: readonly [string, string][] = [
  ['change an entry', `update disclosure_entries set entry = '{}'`],
  ['change a stored hash', `update disclosure_entries set leaf_hash = ${hash}`],
  ['delete an entry', 'delete from disclosure_entries where index = 2'],
  ['empty the entries', 'truncate disclosure_entries'],
  ['empty the heads', 'truncate log_heads cascade'],
  ['delete a head', 'delete from log_heads'],
  ['set a head back', 'update log_heads set size = size - 1'],
  ['set an epoch back', 'update log_heads set epoch = -1'],
  ['change the root of a size', `update log_heads set frontier = frontier || ${hash}`],
  ['give a log another name', `update log_heads set origin = 'elsewhere'`],
  [
    'open a log at a chosen size',
    `insert into log_heads (recipient_id, log_id, origin, size) values ('${randomUUID()}', 'a', 'b', 7)`,
  ],
  [
    'write a second entry at an index',
    `${insertEntry}) select recipient_id, index, overlay(entry_id::text placing '0000' from 33)::uuid, entry, leaf_hash from disclosure_entries`,
  ],
  [
    'choose when an entry was stored',
    `${insertEntry}, created_at) select recipient_id, 9, gen_random_uuid(), entry, leaf_hash, now() from disclosure_entries where index = 0`,
  ],
  [
    'choose a time against the rules',
    `${insertEntry}, created_at) overriding system value select recipient_id, 9, gen_random_uuid(), entry, leaf_hash, now() from disclosure_entries where index = 0`,
  ],
  [
    'replace an entry on conflict',
    `${insertEntry}) select recipient_id, index, entry_id, '{}', leaf_hash from disclosure_entries on conflict (recipient_id, entry_id) do update set entry = excluded.entry`,
  ],
  ['change a secret', `update disclosure_secrets set secret = ${hash}`],
  ['delete a secret', 'delete from disclosure_secrets'],
  ['change whose records were shown', `update disclosure_subjects set numbers = ''`],
  ['change a node of the tree', `update log_nodes set hash = ${hash}`],
  ['give a customer another number', 'update log_subjects set number = 99'],
  ['drop the trigger', 'drop trigger refuse_change on disclosure_entries'],
  ['disable the triggers', 'alter table disclosure_entries disable trigger all'],
  ['switch triggers off for the session', `set session_replication_role = 'replica'`],
  ['become the owner', 'set role sluice_owner'],
  [
    'replace the trigger’s function',
    `create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'`,
  ],
  [
    'make a function that is run as its owner',
    `create function public.f() returns int security definer language sql as 'select 1'`,
  ],
  ['drop the table', 'drop table disclosure_entries'],
  ['write a file', `copy disclosure_entries to program 'cat'`],
];

test.each(refused)('the app cannot %s', async (_attack, sql) => {
  await expect(house.tools.db.raw(sql)).rejects.toMatchObject({
    code: expect.stringMatching(/^(42501|23505|23514|428C9)$/) as unknown,
  });
});

test('after all attacks the log is what it was', async () => {
  expect(await verifyLog(house.tools)).toMatchObject({ entries: 3, findings: [] });
});

test.each([
  ['update', `update disclosure_entries set entry = '{}'`],
  ['delete', 'delete from disclosure_entries'],
  ['truncate', 'truncate disclosure_entries'],
  ['truncate nodes', 'truncate log_nodes'],
  ['delete heads', 'delete from log_heads'],
])('the owner cannot %s by accident', async (_what, sql) => {
  const attack = house.admin.transaction(async (tx) => {
    await tx.raw('set local role sluice_owner');
    await tx.raw(sql);
  });
  await expect(attack).rejects.toThrow('append-only');
});

test('an entry that the app writes beyond the head is found by the audit', async () => {
  await house.tools.db.raw(
    `${insertEntry}) select recipient_id, 7, gen_random_uuid(), entry, leaf_hash from disclosure_entries where index = 0`,
  );
  const { findings } = await verifyLog(house.tools);
  expect(findings).toMatchObject([{ what: 'it holds rows beyond its head' }]);
});

test('a head that the app moves without entries is found by the audit', async () => {
  await house.tools.db.raw(`update log_heads set size = size + 1, frontier = frontier || ${hash}`);
  const { findings } = await verifyLog(house.tools);
  expect(findings).toMatchObject([{ index: 3, what: 'is missing' }]);
});
