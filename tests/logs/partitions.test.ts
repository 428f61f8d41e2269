import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  countUnplaced,
  detachEntries,
  exportLogs,
  findEntries,
  findEntry,
  makePartitions,
} from '../../src/archive/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { closeLogWriter } from '../../src/logs/index.ts';
import { openDatabase, type Database } from '../../src/platform/database.ts';
import { prepareDatabase } from '../../src/platform/embedded/roles.ts';
import { migrate } from '../../src/platform/migrations.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { urlOf } from '../support/test-cluster.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** The first moment of a month, counted from the present one. */
function monthFromNow(months: number): Date {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1));
}

const partitionOf = (month: Date) =>
  `disclosure_entries_${month.toISOString().slice(0, 7).replace('-', '_')}`;

async function rowsOf<Row>(db: Database, sql: string): Promise<Row[]> {
  return (await db.raw<{ rows: Row[] }>(sql)).rows;
}

const countsIn = async (db: Database): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await rowsOf<{ name: string; count: string }>(
        db,
        'select tableoid::regclass::text as name, count(*) as count from disclosure_entries group by 1',
      )
    ).map(({ name, count }) => [name, Number(count)]),
  );

test('entries that were there before are moved into the partitions of their months, none changed', async () => {
  const database = `sluice_${randomUUID().replaceAll('-', '')}`;
  await prepareDatabase(house.admin, database);
  const files = await readdir('migrations');
  const before = await mkdtemp(join(tmpdir(), 'sluice-migrations-'));
  const present = files.find((file) => file.endsWith('-log-partitions.sql')) ?? '';
  for (const file of files.filter((name) => name < present)) {
    await cp(join('migrations', file), join(before, file));
  }
  const migrator = openDatabase(urlOf(house.urls.migrator, { database }), { max: 1 });
  const db = openDatabase(urlOf(house.urls.app, { database }));
  const admin = openDatabase(urlOf(house.urls.superuser, { database }), { max: 1 });
  try {
    await migrate(migrator, before);
    const clock = testClock();
    const tools = { ...house.tools, db, clock };
    const log = await givenLog(tools);
    for (const [months, count] of [
      [-14, 300],
      [-2, 300],
      [0, 70],
    ] as const) {
      clock.set(new Date(monthFromNow(months).getTime() + 1000));
      const page = givenDisclosure(log, { size: 0 });
      await Promise.all(Array.from({ length: count }, () => appendDisclosure(tools, page)));
    }
    const rows = () =>
      rowsOf(admin, 'select * from disclosure_entries order by recipient_id, index');
    const old = await rows();
    expect(old).toHaveLength(670);
    await migrate(migrator, 'migrations');
    expect(await rows()).toEqual(old);
    expect(await countsIn(admin)).toEqual({
      [partitionOf(monthFromNow(-14))]: 300,
      [partitionOf(monthFromNow(-2))]: 300,
      [partitionOf(monthFromNow(0))]: 70,
    });
    expect(await verifyLog(tools)).toMatchObject({ entries: 670, findings: [] });
    await appendDisclosure(tools, givenDisclosure(log));
    expect(await findEntries(tools, log, { from: 0, to: 999 })).toHaveLength(671);
    const settings = { ...tools.settings, logArchive: before };
    const place = { before: monthFromNow(0).toISOString().slice(0, 10), folder: before };
    await exportLogs({ ...tools, settings }, place);
    const detached = await detachEntries({ db, settings }, { ...place, migrator });
    expect(detached).toEqual({ detached: 512, kept: 88 });
    expect(await countsIn(admin)).toEqual({
      disclosure_entries_past: 88,
      [partitionOf(monthFromNow(0))]: 71,
    });
    const partitions = await rowsOf<{ name: string }>(admin, guarded);
    expect(partitions.map(({ name }) => name)).toContain(partitionOf(monthFromNow(3)));
    expect(partitions).toHaveLength(6);
    expect(await verifyLog({ db, settings })).toMatchObject({ entries: 671, findings: [] });
  } finally {
    await closeLogWriter(db);
    await Promise.all([db.destroy(), migrator.destroy(), admin.destroy()]);
    await house.admin.raw('drop database ?? with (force)', [database]);
    await rm(before, { recursive: true });
  }
});

const makeMonth = (months: number) =>
  house.admin.transaction(async (tx) => {
    await tx.raw('set local role sluice_owner');
    await tx.raw('select make_log_month(?::date)', [
      monthFromNow(months).toISOString().slice(0, 10),
    ]);
  });

const guarded = `select c.relname as name,
    c.relowner::regrole::text as owner,
    (select coalesce(array_agg(distinct t.tgname::text order by t.tgname::text), '{}')
      from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'refuse_change'::regproc and t.tgenabled = 'O') as triggers,
    (select coalesce(array_agg(p), '{}') from unnest(array['insert', 'update', 'delete', 'truncate']) p
      where has_table_privilege('sluice_app', c.oid, p)) as app
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'disclosure_entries'::regclass order by 1`;

test('each partition refuses update, delete and truncate, and the app may do nothing with it, also with later ones', async () => {
  const first = await rowsOf<{ name: string }>(house.admin, guarded);
  expect(first.map(({ name }) => name)).toEqual([
    ...[0, 1, 2, 3].map((months) => partitionOf(monthFromNow(months))),
    'disclosure_entries_past',
    'disclosure_entries_unplaced',
  ]);
  await makeMonth(4);
  const partitions = await rowsOf<{ name: string }>(house.admin, guarded);
  expect(partitions).toHaveLength(7);
  for (const { name, ...rest } of partitions) {
    expect([name, rest]).toEqual([
      name,
      { owner: 'sluice_owner', triggers: ['refuse_change', 'refuse_truncate'], app: [] },
    ]);
    for (const sql of [
      `truncate ${name}`,
      `update ${name} set entry = '{}'`,
      `delete from ${name}`,
    ]) {
      await expect(house.tools.db.raw(sql)).rejects.toMatchObject({ code: '42501' });
    }
    const byOwner = house.admin.transaction(async (tx) => {
      await tx.raw('set local role sluice_owner');
      await tx.raw(`truncate ${name}`);
    });
    await expect(byOwner).rejects.toThrow('append-only');
  }
});

test.each([
  'create table mine (like disclosure_entries)',
  `create table mine partition of disclosure_entries for values from (minvalue) to ('00000000-0000-0000-0000-000000000000')`,
  'alter table disclosure_entries detach partition disclosure_entries_past',
  `select detach_log_entries('2020-01-01')`,
  `select make_log_month('2090-01-01')`,
  `select make_log_table('mine')`,
  `insert into log_archived_ids select recipient_id, entry_id, index from disclosure_entries`,
  `update log_exports set past_index = 512`,
  'delete from log_exports',
])('the app cannot: %s', async (sql) => {
  await expect(house.tools.db.raw(sql)).rejects.toMatchObject({ code: '42501' });
});

test('an entry of a month without a partition is written all the same, told of, and put in its place', async () => {
  const clock = testClock(monthFromNow(5));
  const tools = { ...house.tools, clock };
  const log = await givenLog(tools);
  const ids: string[] = [];
  for (const months of [5, 6]) {
    clock.set(monthFromNow(months));
    const appended = await appendDisclosure(tools, givenDisclosure(log));
    ids.push(appended.appended ? appended.id : '');
  }
  expect(await countUnplaced(house.tools.db)).toBe(2);
  expect(await verifyLog(tools)).toMatchObject({ findings: [] });
  expect(await makePartitions(house.tools)).toBe(0);
  await makeMonth(5);
  expect(await countsIn(house.admin)).toEqual({
    [partitionOf(monthFromNow(5))]: 1,
    disclosure_entries_unplaced: 1,
  });
  const [entry] = await findEntries(tools, log, { from: 0, to: 1 });
  expect(await findEntry(tools, log, entry?.entryId ?? '')).toEqual(entry);
  await expect(house.admin.raw('delete from disclosure_entries_unplaced')).rejects.toThrow(
    'append-only',
  );
});

test('an id is looked for in one partition', async () => {
  const plan = await rowsOf<{ 'QUERY PLAN': string }>(
    house.admin,
    `explain (costs off) select index from disclosure_entries where recipient_id = '${randomUUID()}'
      and entry_id = '01900000-0000-7000-8000-000000000000'`,
  );
  const scans = plan.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Scan'));
  expect(scans).toHaveLength(1);
});
