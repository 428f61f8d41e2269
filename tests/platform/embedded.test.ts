import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { openDatabase, type Login } from '../../src/platform/database.ts';
import {
  openEmbeddedDatabase,
  type EmbeddedOptions,
} from '../../src/platform/embedded/embedded-database.ts';
import { insideGate } from '../../src/platform/embedded/gate.ts';
import { builtModule } from '../support/build.ts';
import { endChildren, startScript, type Child } from '../support/child.ts';

jest.setTimeout(90_000);
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'sluice-embedded-'));
chmodSync(folder, 0o755);
let count = 0;
const newFolder = () => join(folder, String((count += 1)));
const elsewhere: string[] = [];
afterAll(() => {
  endChildren();
  for (let number = 1; number <= count; number += 1) {
    const pid = postmasterOf(join(folder, String(number)));
    if (pid !== undefined) process.kill(pid, 'SIGINT');
  }
  for (const path of [folder, ...elsewhere]) rmSync(path, { recursive: true, force: true });
});

// Kills of processes lose nothing that the operating system has; only the first test waits for disks.
const fast = { fsync: 'off' };
const open = (dataDir: string, as: EmbeddedOptions['as'], more: Partial<EmbeddedOptions> = {}) =>
  openEmbeddedDatabase({ dataDir, as, settings: fast, ...more });

async function ask(login: Login, sql: string): Promise<unknown[]> {
  const db = openDatabase(login, { max: 1 });
  try {
    return (await db.raw<{ rows: unknown[] }>(sql)).rows;
  } finally {
    await db.destroy();
  }
}

const postmasterOf = (dataDir: string) => {
  const file = join(dataDir, 'database', 'cluster', 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
};

async function anotherPostmaster(dataDir: string, old: number): Promise<void> {
  for (let tries = 0; tries < 3000; tries += 1) {
    const pid = postmasterOf(dataDir);
    if (pid !== undefined && pid !== old) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('The database was not started again.');
}

/** A process that holds the database as a server or a command, and writes row after row. */
function startWriter(dataDir: string, as: EmbeddedOptions['as']): Child {
  const text = `
    const [embedded, database, dataDir, as] = process.argv.slice(1);
    const { openEmbeddedDatabase } = await import(embedded);
    const { openDatabase } = await import(database);
    const { logins } = await openEmbeddedDatabase({ dataDir, as, settings: { fsync: 'off' } });
    const owner = openDatabase(logins.migrator, { max: 1 });
    await owner.raw('set role sluice_owner');
    await owner.raw('create table if not exists rows (id bigint primary key)');
    await owner.raw('grant select, insert on rows to sluice_app');
    await owner.raw('grant usage on schema public to sluice_app');
    await owner.destroy();
    const db = openDatabase(logins.app, { max: 4 });
    console.log('writing');
    const [{ last }] = await db('rows').max('id as last');
    for (let id = Number(last ?? 0) + 1; ; id += 1) {
      try {
        await db('rows').insert({ id });
        console.log('row ' + id + ' is in');
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }`;
  const modules = ['platform/embedded/embedded-database.ts', 'platform/database.ts'];
  return startScript(text, ...modules.map(builtModule), dataDir, as);
}

const acknowledgedBy = (writer: Child) =>
  [...writer.text().matchAll(/row (\d+) is in/g)].map((found) => Number(found[1]));
const lastAcknowledged = (writer: Child) => acknowledgedBy(writer).at(-1) ?? 0;

/** The rows that a writer was told are stored, and that are not. */
async function lostRows(login: Login, writer: Child): Promise<number[]> {
  const stored = (await ask(login, 'select id::int as id from rows')) as { id: number }[];
  const ids = new Set(stored.map((row) => row.id));
  return acknowledgedBy(writer).filter((id) => !ids.has(id));
}

test('the database starts from nothing, closed and durable, and stops with its server', async () => {
  const dataDir = newFolder();
  const embedded = await openEmbeddedDatabase({ dataDir, as: 'server' });
  expect(embedded.isOwn).toBe(true);
  expect(statSync(embedded.folder).mode & 0o777).toBe(0o700);
  expect(statSync(embedded.socketFolder).mode & 0o777).toBe(0o700);
  const password = join(embedded.folder, 'passwords', 'sluice_app');
  expect(statSync(password).mode & 0o777).toBe(0o600);
  const { app, reader, migrator } = embedded.logins;
  expect(await ask(app, `select current_user as is, current_setting('listen_addresses') as tcp`))
    .toEqual([{ is: 'sluice_app', tcp: '' }]); // prettier-ignore
  expect(await ask(reader, 'select current_user as is')).toEqual([{ is: 'sluice_reader' }]);
  expect(await ask(migrator, `select pg_has_role('sluice_owner', 'set') as may`)).toEqual([
    { may: true },
  ]);
  await expect(ask({ ...app, password: 'wrong' }, 'select 1')).rejects.toThrow('password');
  await expect(ask({ ...app, database: 'postgres' }, 'select 1')).resolves.toBeDefined();
  const db = openDatabase(app, { max: 1, isDurable: true });
  await db.raw('select 1');
  await db.destroy();
  await embedded.close();
  expect(postmasterOf(dataDir)).toBeUndefined();
});

test('a second server on the data folder is refused; a command uses the database and leaves it', async () => {
  const dataDir = newFolder();
  const server = startWriter(dataDir, 'server');
  await server.says(/row 5 is in/);
  await expect(open(dataDir, 'server')).rejects.toMatchObject({
    kind: { code: 'data-folder-taken' },
    message: expect.stringContaining(`process ${String(server.process.pid)}`) as unknown,
  });
  const command = await open(dataDir, 'command');
  expect(command.isOwn).toBe(false);
  expect(await ask(command.logins.app, 'select count(*) >= 5 as are from rows')).toEqual([
    { are: true },
  ]);
  const before = postmasterOf(dataDir);
  await command.close();
  expect(postmasterOf(dataDir)).toBe(before);
  const row = lastAcknowledged(server);
  await server.says(new RegExp(`row ${String(row + 5)} is in`));
  server.process.kill('SIGKILL');
  await server.ended();
  await (await open(dataDir, 'server')).close();
});

test('two commands at once on an empty folder share one database; the last one out stops it', async () => {
  const dataDir = newFolder();
  const other = startWriter(dataDir, 'command');
  const own = await open(dataDir, 'command');
  await other.says(/row 1 is in/);
  await own.close();
  expect(postmasterOf(dataDir)).toBeDefined();
  const third = await open(dataDir, 'command');
  other.process.kill('SIGKILL');
  await other.ended();
  await third.close();
  const last = await open(dataDir, 'server');
  await last.close();
  expect(postmasterOf(dataDir)).toBeUndefined();
});

test('a command that started the database stops it, unless a server came meanwhile', async () => {
  const dataDir = newFolder();
  const command = await open(dataDir, 'command');
  const server = startWriter(dataDir, 'server');
  await server.says(/row 1 is in/);
  await command.close();
  const row = lastAcknowledged(server);
  await server.says(new RegExp(`row ${String(row + 5)} is in`));
  server.process.kill('SIGKILL');
  await server.ended();
  await (await open(dataDir, 'server')).close();
  await (await open(dataDir, 'command')).close();
  expect(postmasterOf(dataDir)).toBeUndefined();
});

test('kill −9 of the server: the next one adopts its database with every acknowledged row', async () => {
  const dataDir = newFolder();
  for (let round = 0; round < 3; round += 1) {
    const server = startWriter(dataDir, 'server');
    await server.says(/row \d+1 is in/);
    server.process.kill('SIGKILL');
    await server.ended();
    const next = await open(dataDir, round === 1 ? 'command' : 'server');
    expect(next.isOwn).toBe(false);
    expect(await lostRows(next.logins.app, server)).toEqual([]);
    await next.close();
    // A command leaves what a crash left running; a server takes it over.
    expect(postmasterOf(dataDir) === undefined).toBe(round !== 1);
  }
});

test('kill −9 of PostgreSQL: its server starts it again, with every acknowledged row', async () => {
  const dataDir = newFolder();
  const server = startWriter(dataDir, 'server');
  await server.says(/row 20 is in/);
  for (let round = 0; round < 3; round += 1) {
    const old = postmasterOf(dataDir) ?? 0;
    process.kill(old, 'SIGKILL');
    await anotherPostmaster(dataDir, old);
    // Rows may go in for a moment after the kill: a backend ends when it next waits.
    const acknowledged = lastAcknowledged(server);
    await server.says(new RegExp(`row ${String(acknowledged + 20)} is in`));
  }
  process.kill(postmasterOf(dataDir) ?? 0, 'SIGKILL');
  server.process.kill('SIGKILL');
  await server.ended();
  const next = await open(dataDir, 'server');
  expect(await lostRows(next.logins.app, server)).toEqual([]);
  await next.close();
});

test('a number in postmaster.pid that another program got does not keep the database down', async () => {
  const dataDir = newFolder();
  await (await open(dataDir, 'command')).close();
  const stranger = startScript('setInterval(() => undefined, 1000)');
  const cluster = join(dataDir, 'database', 'cluster');
  const pid = String(stranger.process.pid);
  writeFileSync(
    join(cluster, 'postmaster.pid'),
    [pid, cluster, '1', '5432', '', '', ''].join('\n'),
  );
  const command = await open(dataDir, 'command');
  expect(await ask(command.logins.app, 'select 1 as one')).toEqual([{ one: 1 }]);
  await command.close();
  stranger.process.kill();
  await stranger.ended();
});

test('where the path is too long for a socket, the socket moves, and it is said where', async () => {
  const dataDir = join(newFolder(), 'long'.repeat(25));
  const said: string[] = [];
  for (let start = 0; start < 2; start += 1) {
    const command = await open(dataDir, 'command', { say: (line) => said.push(line) });
    elsewhere.push(command.socketFolder);
    expect(command.folder).toBe(join(dataDir, 'database'));
    expect(said.at(-1)).toContain(command.socketFolder);
    expect(statSync(command.socketFolder).mode & 0o777).toBe(0o700);
    expect(await ask(command.logins.app, 'select 1 as one')).toEqual([{ one: 1 }]);
    await command.close();
  }
});

(isRoot ? test : test.skip)(
  'in a closed home of root the data moves where the database’s user gets to, and is found again',
  async () => {
    const home = newFolder();
    mkdirSync(home, { mode: 0o700 });
    const dataDir = join(home, 'data');
    const said: string[] = [];
    const first = await open(dataDir, 'command', { say: (line) => said.push(line) });
    elsewhere.push(first.folder);
    expect(first.folder).toMatch(/^\/var\/lib\/sluice\//);
    expect(said[0]).toContain(first.folder);
    await ask(first.logins.superuser, 'create role was_here');
    await first.close();
    const second = await open(dataDir, 'command');
    expect(second.folder).toBe(first.folder);
    expect(
      await ask(second.logins.superuser, `select 1 as is from pg_roles where rolname = 'was_here'`),
    ).toEqual([{ is: 1 }]);
    await second.close();
  },
);

test('inside the gate there is never more than one, whoever dies in it', async () => {
  const gate = newFolder();
  const tally = join(gate, '..', 'tally');
  writeFileSync(tally, '0');
  const text = `
    const [module, gate, tally, deadly] = process.argv.slice(1);
    const { insideGate } = await import(module);
    const { readFileSync, writeFileSync } = await import('node:fs');
    for (let round = 0; round < 40; round += 1) {
      await insideGate(gate, async () => {
        const count = Number(readFileSync(tally, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        if (deadly === 'yes' && round === 20) process.kill(process.pid, 'SIGKILL');
        writeFileSync(tally, String(count + 1));
      });
    }`;
  const module = builtModule('platform/embedded/gate.ts');
  const children = ['no', 'yes', 'no', 'yes'].map((deadly) =>
    startScript(text, module, gate, tally, deadly),
  );
  const ends = await Promise.all(children.map((child) => child.ended()));
  expect(ends).toEqual([0, 'SIGKILL', 0, 'SIGKILL']);
  expect(readFileSync(tally, 'utf8')).toBe(String(40 + 20 + 40 + 20));
  expect(await insideGate(gate, () => Promise.resolve(dirname(gate)))).toBe(folder);
});
