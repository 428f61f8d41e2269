import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openHouse, type House } from '../support/house.ts';
import {
  columnsFor,
  foreignKeysIn,
  guardedAgainst,
  indicesIn,
  keysIn,
  ownedByTheGateway,
  tablesOf,
  tablesThatMay,
} from './catalogue.ts';
import { appendOnly, families, keysOf } from './families.ts';
import { dumpSchema } from './schema-dump.ts';

const committed = 'tests/architecture/schema.sql';
let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const holdsKey = (table: string, columns: readonly string[]): boolean => {
  const keys = keysOf[families[table] ?? 'small'];
  return keys.length === 0 || keys.some((key) => columns.includes(key));
};

test('the migrated schema is the committed one (UPDATE_SCHEMA=1 writes it anew)', async () => {
  const dump = await dumpSchema(house.admin);
  if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(committed, dump);
  expect(dump).toBe(readFileSync(committed, 'utf8'));
});

test('every table is in exactly one family', async () => {
  expect(Object.keys(families).sort()).toEqual(await tablesOf(house.admin));
});

test('every table has a primary key', async () => {
  const keyed = new Set(
    (await keysIn(house.admin)).filter((key) => key.isPrimary).map((key) => key.table),
  );
  expect((await tablesOf(house.admin)).filter((table) => !keyed.has(table))).toEqual([]);
});

test('a primary key begins with the key of its family, and every unique key contains it', async () => {
  const keys = await keysIn(house.admin);
  expect(
    keys.filter(
      (key) => !holdsKey(key.table, key.isPrimary ? key.columns.slice(0, 1) : key.columns),
    ),
  ).toEqual([]);
});

test('no foreign key crosses families, and each contains the key of its family', async () => {
  const crossing = (await foreignKeysIn(house.admin)).filter(
    ({ table, target, columns, targetColumns }) =>
      families[target] === 'small'
        ? false
        : families[table] !== families[target] ||
          !columns.some(
            (column, place) =>
              holdsKey(table, [column]) && holdsKey(target, [String(targetColumns[place])]),
          ),
  );
  expect(crossing).toEqual([]);
});

/** Its partners are never deleted and never change kind, so nothing ever looks it up backwards. */
const neverFollowedBack = 'joint_records recipient_id,kind';

test('every foreign key has an index that begins with its columns', async () => {
  const indices = await indicesIn(house.admin);
  const bare = (await foreignKeysIn(house.admin)).filter(
    ({ table, columns }) =>
      `${table} ${columns.join()}` !== neverFollowedBack &&
      !indices.some(
        (index) =>
          index.table === table &&
          [...columns].sort().join() === index.columns.slice(0, columns.length).sort().join(),
      ),
  );
  expect(bare).toEqual([]);
});

test('the roles of the gateway own nothing', async () => {
  expect(await ownedByTheGateway(house.admin)).toEqual([]);
});

test('what is append-only refuses update, delete and truncate, even to its owner', async () => {
  const [updates, deletes, truncates] = [
    await guardedAgainst(house.admin, 'update'),
    await guardedAgainst(house.admin, 'delete'),
    await guardedAgainst(house.admin, 'truncate'),
  ];
  const guarded = updates.filter((table) => deletes.includes(table) && truncates.includes(table));
  expect(guarded).toEqual([...appendOnly].sort());
});

test.each(['update', 'delete', 'truncate'] as const)(
  'neither role of the gateway may %s what is append-only',
  async (command) => {
    const open = [
      ...(await tablesThatMay(house.admin, 'sluice_app', command)),
      ...(await tablesThatMay(house.admin, 'sluice_reader', command)),
    ];
    expect(open.filter((table) => appendOnly.includes(table))).toEqual([]);
  },
);

test('the reader may select joint records and epochs, behind row security, and nothing else', async () => {
  const readable = await columnsFor(house.admin, 'sluice_reader');
  expect([...new Set(readable.map(({ table }) => table))]).toEqual([
    'joint_closures',
    'joint_records',
    'log_heads',
  ]);
  expect(readable.filter((one) => !one.hasRowSecurity)).toEqual([]);
  expect(readable.filter(({ column }) => column === 'customer_id')).toEqual([]);
  expect(readable.filter(({ table }) => table === 'log_heads').map(({ column }) => column)).toEqual(
    ['epoch', 'recipient_id'],
  );
  for (const command of ['insert', 'update', 'delete', 'truncate'] as const) {
    expect(await tablesThatMay(house.admin, 'sluice_reader', command)).toEqual([]);
  }
});
