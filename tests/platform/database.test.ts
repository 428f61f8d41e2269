import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  inTransaction,
  isDatabaseGone,
  openDatabase,
  openReader,
  openSession,
  queryNamed,
} from '../../src/platform/database.ts';
import { checkServer } from '../../src/platform/durability.ts';
import { demandDurability, DurabilityOff } from '../../src/platform/durable-session.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.admin.raw(`
    create table notes (id int primary key, made_on date not null default '2026-03-08', text text);
    grant select, insert, update, delete on notes to sluice_app, sluice_reader;
  `);
});
afterAll(() => house.close());

const backend = { name: 'backend', text: 'select pg_backend_pid() as pid' };

test('a date arrives as text, a bigint and a numeric as strings, an instant as Date', async () => {
  const [row] = await queryNamed<object>(
    house.tools.db,
    {
      name: 'values',
      text: `select date '2026-03-08' as d, 9007199254740993::bigint as i, 1.10::numeric as n,
             timestamptz '2026-11-22 13:00+01' as t`,
    },
    [],
  );
  expect(row).toEqual({
    d: '2026-03-08',
    i: '9007199254740993',
    n: '1.10',
    t: new Date('2026-11-22T12:00:00Z'),
  });
});

test('a session plans a prepared statement once and ends a statement that takes a minute', async () => {
  const { rows } = await house.tools.db.raw<{ rows: object[] }>(
    `select current_setting('plan_cache_mode') as plans, current_setting('statement_timeout') as statement,
     current_setting('idle_in_transaction_session_timeout') as idle, current_user as role`,
  );
  expect(rows).toEqual([
    { plans: 'force_generic_plan', statement: '1min', idle: '30s', role: 'sluice_app' },
  ]);
});

test('a transaction is all or nothing, and a named statement runs inside it', async () => {
  const insert = { name: 'note', text: 'insert into notes (id) values ($1)' };
  await expect(
    inTransaction(house.tools.db, async (tx) => {
      await queryNamed(tx, insert, [1]);
      expect(await tx('notes').where({ id: 1 })).toHaveLength(1);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await house.tools.db('notes').where({ id: 1 })).toEqual([]);
  await inTransaction(house.tools.db, (tx) => queryNamed(tx, insert, [2]));
  expect(await house.tools.db('notes').where({ id: 2 }).select('made_on')).toEqual([
    { made_on: '2026-03-08' },
  ]);
});

test('a transaction whose work swallowed an error fails instead of vanishing', async () => {
  // Many times: the driver hears of the error before it hears that the transaction is lost.
  for (let round = 0; round < 200; round += 1) {
    await expect(
      inTransaction(house.tools.db, async (tx) => {
        await tx('notes').insert({ id: 10 });
        await tx.raw('select 1 / 0').then(undefined, () => undefined);
      }),
    ).rejects.toThrow('swallowed');
  }
  expect(await house.tools.db('notes').where({ id: 10 })).toEqual([]);
});

test('a transaction that lost a race is run again, three times at most', async () => {
  let runs = 0;
  await inTransaction(house.tools.db, async (tx) => {
    runs += 1;
    if (runs < 4)
      await tx.raw(`do $$ begin raise exception 'lost' using errcode = '40P01'; end $$`);
  });
  expect(runs).toBe(4);
  const always = inTransaction(house.tools.db, async (tx) => {
    runs += 1;
    await tx.raw(`do $$ begin raise exception 'lost' using errcode = '40001'; end $$`);
  });
  await expect(always).rejects.toThrow('lost');
  expect(runs).toBe(8);
});

test('a session keeps its connection until it is released, and a broken one is not met again', async () => {
  const db = openDatabase(house.urls.app, { max: 1 });
  const session = await openSession(db);
  const first = (await session.query<{ pid: number }>(backend)).rows[0]?.pid;
  expect((await session.query<{ pid: number }>(backend)).rows[0]?.pid).toBe(first);
  session.release();
  expect((await queryNamed<{ pid: number }>(db, backend, []))[0]?.pid).toBe(first);
  const broken = await openSession(db);
  await broken.query('begin');
  broken.release(true);
  expect((await queryNamed<{ pid: number }>(db, backend, []))[0]?.pid).not.toBe(first);
  await db.destroy();
});

test('the reader names its recipient for one statement and can change nothing', async () => {
  const recipient = '0193c2f0-0000-7000-8000-000000000001';
  const who = { name: 'who', text: `select current_setting('app.recipient') as is, $1::text as v` };
  const reader = openReader(house.urls.reader, { max: 1 });
  expect(await reader.read(recipient, who, ['x'])).toEqual([{ is: recipient, v: 'x' }]);
  const none = { name: 'none', text: `insert into notes (id) values (3)` };
  await expect(reader.read(recipient, none, [])).rejects.toThrow('read-only');
  await expect(reader.read("x'; drop table notes; --", who, ['x'])).rejects.toThrow('UUID');
  await reader.close();
  const raw = openDatabase(house.urls.reader, { max: 1 });
  const left = await raw.raw<{ rows: object[] }>(
    `select current_setting('app.recipient', true) as is`,
  );
  expect(left.rows).toEqual([{ is: null }]);
  await raw.destroy();
});

test('backends that are killed cost their own queries and nothing else', async () => {
  const kill = () =>
    house.admin.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and usename in ('sluice_app', 'sluice_reader')`,
    );
  const session = await openSession(house.tools.db);
  const sleep = { name: 'sleep', text: 'select pg_sleep(30)' };
  const long = house.tools.reader.read('0193c2f0-0000-7000-8000-000000000001', sleep, []);
  const gone = long.catch((error: unknown) => isDatabaseGone(error));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await kill();
  expect(await gone).toBe(true);
  const broken = await session.query('select 1').catch((error: unknown) => isDatabaseGone(error));
  expect(broken).toBe(true);
  session.release(true);
  expect(await queryNamed(house.tools.db, { name: 'one', text: 'select 1 as one' }, [])).toEqual([
    { one: 1 },
  ]);
});

test('a database that is not there is gone, and a wrong query is not', async () => {
  const nowhere = openDatabase('postgres://sluice_app:x@127.0.0.1:1/nowhere', { max: 1 });
  const absent = await nowhere.raw('select 1').catch((error: unknown) => isDatabaseGone(error));
  expect(absent).toBe(true);
  await nowhere.destroy();
  const closed = await nowhere.raw('select 1').catch((error: unknown) => isDatabaseGone(error));
  expect(closed).toBe(true);
  const wrong = await house.tools.db.raw('select no').catch((e: unknown) => isDatabaseGone(e));
  expect(wrong).toBe(false);
});

test('a session that may lose acknowledged commits is refused, whatever the server says', async () => {
  await checkServer(house.tools.db);
  const role = (value: string) =>
    house.admin.raw(`alter role sluice_reader set synchronous_commit = ${value}`);
  const db = openDatabase(house.urls.reader, { max: 1, isDurable: true });
  const refused = expect.objectContaining({ kind: DurabilityOff });
  try {
    await role('off');
    const error: unknown = await db.raw('select 1').catch((one: unknown) => one);
    // The tests' own server is not durable either, and says so.
    expect(error).toEqual(refused);
    expect(String(error)).toMatch(/fsync,.* synchronous_commit is off/);
    await role('on');
    await expect(db.raw('select 1')).rejects.toThrow(/fsync(, full_page_writes)? is off/);
    await openDatabase(house.urls.reader, { max: 1 }).destroy();
  } finally {
    await house.admin.raw('alter role sluice_reader reset synchronous_commit');
    await db.destroy();
  }
});

test('a statement is cut off after the time that the pool was given', async () => {
  const shown = async (given?: { statementSeconds: number }) => {
    const db = openDatabase(house.urls.app, { max: 1, ...given });
    const { rows } = await db.raw<{ rows: { statement_timeout: string }[] }>(
      'show statement_timeout',
    );
    await db.destroy();
    return rows[0]?.statement_timeout;
  };
  expect([await shown(), await shown({ statementSeconds: 3600 })]).toEqual(['1min', '1h']);
});

test('a session is held to the durability that it began with', async () => {
  const db = openDatabase(house.urls.app, { max: 1 });
  await db.raw('set synchronous_commit = on');
  const session = { query: (text: string) => db.raw<{ rows: unknown[] }>(text) };
  // fsync is off on the tests' server.
  await expect(demandDurability(session)).rejects.toThrow(/fsync(, full_page_writes)? is off/);
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `select source, setting from pg_settings where name = 'synchronous_commit'`,
  );
  expect(rows).toEqual([{ source: 'session', setting: 'on' }]);
  await db.destroy();
});
