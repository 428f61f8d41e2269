import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase, type Database } from '../../src/platform/database.ts';
import { prepareDatabase } from '../../src/platform/embedded/roles.ts';
import { migrate, migrationStatus } from '../../src/platform/migrations.ts';
import { openHouse, type House } from '../support/house.ts';
import { theCluster, urlOf } from '../support/test-cluster.ts';

let house: House;
const folder = mkdtempSync(join(tmpdir(), 'sluice-migrations-test-'));
const { superuser, passwords } = theCluster();
const server = openDatabase(superuser, { max: 1 });
const made: string[] = [];

beforeAll(async () => {
  house = await openHouse();
  writeFileSync(join(folder, '0001-one.sql'), '-- what?\ncreate table one (id int primary key);');
  writeFileSync(
    join(folder, '0002-two.sql'),
    `create table two (id int primary key, body jsonb check (body ? 'a'));
     grant select on two to sluice_app;`,
  );
});
afterAll(async () => {
  await house.close();
  for (const name of made) await server.raw('drop database ?? with (force)', [name]);
  await server.destroy();
  rmSync(folder, { recursive: true });
});

async function emptyDatabase(name: string) {
  const database = `${name}_${String(process.pid)}`;
  made.push(database);
  await prepareDatabase(server, database);
  const login = (user: 'sluice_migrator' | 'sluice_app') =>
    openDatabase(urlOf(superuser, { user, password: passwords[user], database }), { max: 1 });
  return { migrator: login('sluice_migrator'), app: login('sluice_app') };
}

async function close(...databases: Database[]) {
  await Promise.all(databases.map((db) => db.destroy()));
}

test('migrations are applied once, in order, and a question mark in SQL stays one', async () => {
  const { migrator, app } = await emptyDatabase('migrate_once');
  expect((await migrationStatus(migrator, folder)).pending).toEqual(['0001-one', '0002-two']);
  expect(await migrate(migrator, folder)).toEqual(['0001-one', '0002-two']);
  expect(await migrate(migrator, folder)).toEqual([]);
  expect(await migrationStatus(app, folder)).toEqual({
    applied: ['0001-one', '0002-two'],
    pending: [],
    unknown: [],
  });
  const owners = await migrator('pg_tables').distinct('tableowner').where('schemaname', 'public');
  expect(owners).toEqual([{ tableowner: 'sluice_owner' }]);
  await close(migrator, app);
});

test('two migrators at once do the work once', async () => {
  const { migrator, app } = await emptyDatabase('migrate_twice');
  const other = await emptyDatabase('migrate_twice');
  const both = await Promise.all([migrate(migrator, folder), migrate(other.migrator, folder)]);
  expect(both.flat().sort()).toEqual(['0001-one', '0002-two']);
  made.pop();
  await close(migrator, app, other.migrator, other.app);
});

test('a database that is ahead is refused, a broken migration leaves nothing, a gap is named', async () => {
  const { migrator, app } = await emptyDatabase('migrate_wrong');
  const third = join(folder, '0003-three.sql');
  writeFileSync(third, 'create table three (id int primary key); select 1 / 0;');
  await expect(migrate(migrator, folder)).rejects.toThrow('division by zero');
  expect((await migrationStatus(migrator, folder)).applied).toEqual([]);
  writeFileSync(third, 'create table three (id int primary key);');
  await migrate(migrator, folder);
  rmSync(third);
  await expect(migrate(migrator, folder)).rejects.toMatchObject({
    kind: { code: 'database-ahead' },
    message: expect.stringContaining('0003-three') as unknown,
  });
  const fourth = join(folder, '0004-four.sql');
  writeFileSync(fourth, 'select 1;');
  await expect(migrate(migrator, folder)).rejects.toThrow('Migration 0003 is missing');
  rmSync(fourth);
  await close(migrator, app);
});

test('the app’s and the reader’s role own nothing', async () => {
  const { rows } = await house.admin.raw<{ rows: object[] }>(`
    select 'class' as what, relname as name from pg_class
     where relowner in ('sluice_app'::regrole, 'sluice_reader'::regrole)
    union all
    select 'function', proname from pg_proc
     where proowner in ('sluice_app'::regrole, 'sluice_reader'::regrole)
    union all
    select 'schema', nspname from pg_namespace
     where nspowner in ('sluice_app'::regrole, 'sluice_reader'::regrole)
    union all
    select 'database', datname from pg_database
     where datdba in ('sluice_app'::regrole, 'sluice_reader'::regrole)
  `);
  expect(rows).toEqual([]);
});

test('no function of the owner runs with its rights on a search path of the caller', async () => {
  const { rows } = await house.admin.raw<{ rows: object[] }>(`
    select proname from pg_proc where proowner = 'sluice_owner'::regrole and prosecdef
      and not exists (select from unnest(proconfig) as setting where setting like 'search_path=%')
  `);
  expect(rows).toEqual([]);
});

test('no role of ours is a superuser, creates roles or databases, or passes by row security', async () => {
  const rows = await house
    .admin('pg_roles')
    .whereLike('rolname', 'sluice\\_%')
    .whereNot('rolname', 'sluice_superuser')
    .andWhere((either) => {
      void either
        .where('rolsuper', true)
        .orWhere('rolcreaterole', true)
        .orWhere('rolcreatedb', true)
        .orWhere('rolbypassrls', true);
    })
    .select('rolname');
  expect(rows).toEqual([]);
});

const attacks = [
  'create table mine (id int)',
  'create temporary table mine (id int)',
  'create schema mine',
  'create function mine() returns int language sql as $$ select 1 $$',
  'drop table migrations',
  'alter table migrations add column extra int',
  'delete from migrations',
  'truncate migrations',
  'set role sluice_owner',
  'set role sluice_migrator',
  'set session authorization sluice_owner',
  'set session_replication_role = replica',
  'alter role sluice_app superuser',
  'create role friend',
  'drop function refuse_change() cascade',
  "copy migrations to program 'true'",
  "select pg_read_file('/etc/passwd')",
  "select lo_import('/etc/passwd')",
  'create extension pg_trgm',
];

test.each(attacks)('the app’s role is refused: %s', async (attack) => {
  await expect(house.tools.db.raw(attack)).rejects.toMatchObject({ code: '42501' });
});

test.each(attacks)('the reader’s role is refused: %s', async (attack) => {
  const reader = openDatabase(house.urls.reader, { max: 1 });
  await reader.raw('set default_transaction_read_only = off');
  await expect(reader.raw(attack)).rejects.toMatchObject({ code: '42501' });
  await reader.destroy();
});
