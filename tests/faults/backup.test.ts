import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openTools } from '../../src/commands/open-tools.ts';
import { builtMain } from '../support/build.ts';
import { startNode, type Child } from '../support/child.ts';
import { customer, givenRecords, invoice, payment, service } from '../support/given.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { pagesIn, readLog, unlogged, type LoggedHouse } from './logged-pages.ts';
import { pull, startPulling, streams, walks } from './pulls.ts';
import { buildTwin } from './twin.ts';

/** `npm run full` asks for 200 of the gateway. */
const kills = Math.ceil(Number(process.env['SLUICE_TEST_KILLS'] ?? 20) / 10);
jest.setTimeout(240_000 + kills * 20_000);

let house: FaultHouse;
let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-backups-'));
  house = await openFaultHouse({ customers: 60 });
  gateway = await house.serve();
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A data folder of its own, on which commands run as they do on the house's. */
function copyAt(name: string, more: Record<string, string> = {}) {
  const dataDir = join(dirname(house.dataDir), name);
  const environment = { SLUICE_DATA_DIR: dataDir, PORT: '0', SLUICE_LOG_LEVEL: 'fatal', ...more };
  const sluiceOf = (main: string, ...words: string[]): Child =>
    startNode([main, ...words], environment);
  const sluice = (...words: string[]) => sluiceOf(builtMain(), ...words);
  const withTools: LoggedHouse['withTools'] = async (work) => {
    const { tools, close } = await openTools({ as: 'command', environment, say: () => undefined });
    try {
      return await work(tools);
    } finally {
      await close();
    }
  };
  return { dataDir, sluice, sluiceOf, withTools, bright: house.bright };
}

/** Runs to its end and answers the exit code and what was said. */
async function ran(child: Child): Promise<[number | string, string]> {
  return [await child.ended(), child.text()];
}

/** Starts a copy's gateway, asks it one page with a token of the house's gateway, and stops it. */
async function pageOf({ sluice }: ReturnType<typeof copyAt>) {
  const child = sluice('serve');
  const [, port] = await child.says(/serves on .* port (\d+)/);
  const page = await pull({ port: Number(port), token: gateway.token }, '/v1/customers?limit=10');
  child.process.kill('SIGTERM');
  expect(await child.ended()).toBe(0);
  return page;
}

/** Takes records in until it is told to stop; answers how many. */
function startLoading(): { stop(): Promise<number> } {
  let isStopped = false;
  const running = house.withTools(async (tools) => {
    let loaded = 0;
    for (; !isStopped; loaded += 1) {
      const id = `new-${String(loaded)}`;
      const records = [customer(id), invoice(`i-${id}`, id), payment(`p-${id}`, id)];
      await givenRecords(tools, [service(), ...records]);
      await wait(20);
    }
    return loaded;
  });
  return {
    stop: () => {
      isStopped = true;
      return running;
    },
  };
}

/** Backs up while the WAL is driven on: what nobody holds is recycled at each checkpoint. */
async function backUpWhileWalIsRecycled(
  out: string,
  backup: Child,
): Promise<[number | string, string]> {
  const over = { is: false };
  const done = ran(backup).finally(() => (over.is = true));
  while (draftsOf(out).length === 0 && !over.is) await wait(5);
  await house.withSuperuser(async (db) => {
    for (let round = 0; round < 12 && !over.is; round += 1) {
      await db.raw('select pg_switch_wal()');
      await db.raw('checkpoint');
      await wait(50);
    }
  });
  return done;
}

/** What lies beside the place of a backup that is not whole. */
const draftsOf = (out: string) =>
  readdirSync(folder).filter((name) => name.startsWith(`${basename(out)}.`));

const backupIn = (name: string) => join(folder, name);

test('a backup under load restores with every page that was logged before it began', async () => {
  expect((await ran(house.sluice('log', 'beat')))[0]).toBe(0);
  const asks = (client: number) => (client % 4 === 0 ? streams(client / 4) : walks(20)(client));
  const pulling = startPulling(gateway, { clients: 20, asks });
  const loading = startLoading();
  await pulling.hasSeen(100);
  const begun = performance.now();
  const first = backupIn('first');
  const [code, said] = await backUpWhileWalIsRecycled(
    first,
    house.sluice('backup', '--out', first, '--json'),
  );
  await pulling.hasSeen(100);
  const pulled = await pulling.stop();
  const loaded = await loading.stop();
  expect([code, said]).toEqual([0, expect.stringContaining('"hasKeys": true')]);

  const copy = copyAt('restored');
  const [restored, text] = await ran(copy.sluice('restore', '--from', backupIn('first')));
  expect([restored, text]).toEqual([0, expect.stringMatching(/every hash, .* and head agrees\./)]);
  expect((await ran(copy.sluice('log', 'verify')))[0]).toBe(0);

  const before = pulled.filter(({ sentAt, ms }) => sentAt + ms < begun);
  expect(pagesIn(before).length).toBeGreaterThan(50);
  expect(await unlogged(copy, before)).toEqual([]);
  const log = await readLog(copy);
  const known = pagesIn(pulled).filter(({ disclosureId = '' }) => log.has(disclosureId));
  expect(await unlogged(copy, known)).toEqual([]);
  expect(await unlogged(house, pulled)).toEqual([]);

  // The same token, and the same ids under the same keys.
  const [page, original] = [await pageOf(copy), await pull(gateway, '/v1/customers?limit=10')];
  expect([page.status, original.status]).toEqual([200, 200]);
  expect(page.disclosureId).not.toBe(original.disclosureId);
  for (const name of ['pairwise', 'cursor', 'log']) {
    const keyOf = (dataDir: string) => readFileSync(join(dataDir, 'keys', name)).toString('hex');
    expect(keyOf(copy.dataDir)).toBe(keyOf(house.dataDir));
  }
  expect(statSync(join(copy.dataDir, 'keys')).mode & 0o777).toBe(0o700);
  expect(existsSync(join(backupIn('first'), 'head-checkpoint'))).toBe(false);
  process.stderr.write(
    `backup under load: ${pagesIn(before).length} pages before it, ${known.length} of ${pagesIn(pulled).length} in it, ${loaded} loads meanwhile\n`,
  );

  const again = await ran(copy.sluice('restore', '--from', backupIn('first')));
  expect(again).toEqual([1, expect.stringContaining('(restore-occupied)')]);
  const over = await ran(house.sluice('backup', '--out', backupIn('first')));
  expect(over).toEqual([1, expect.stringContaining('(backup-exists)')]);
});

test('a backup older than the kept checkpoint does not serve until the logs are renewed', async () => {
  const copy = copyAt('older');
  mkdirSync(copy.dataDir, { mode: 0o755 });
  // Beats of the house that the backup does not have.
  for (let beat = 0; beat < 2; beat += 1) {
    expect((await ran(copyAt('data', { SLUICE_BEAT_SECONDS: '1' }).sluice('log', 'beat')))[0]).toBe(
      0,
    );
    await wait(1100);
  }
  cpSync(join(house.dataDir, 'head-checkpoint'), join(copy.dataDir, 'head-checkpoint'));

  const [code, text] = await ran(copy.sluice('restore', '--from', backupIn('first')));
  expect([code, text]).toEqual([0, expect.stringContaining('will refuse (log-rollback)')]);
  expect(keptIn(copy.dataDir)).toBe(keptIn(house.dataDir));
  const refused = await ran(copy.sluice('serve'));
  expect(refused).toEqual([1, expect.stringContaining('log-rollback')]);
  const renewed = await ran(copy.sluice('log', 'renew', '--reason', 'The disk failed.'));
  expect(renewed[0]).toBe(0);
  expect((await pageOf(copy)).status).toBe(200);
  expect((await ran(copy.sluice('log', 'verify')))[0]).toBe(0);
});

const keptIn = (dataDir: string) => readFileSync(join(dataDir, 'head-checkpoint'), 'utf8');

test('a twin that keeps no WAL loses some while it copies, and says so', async () => {
  const twin = buildTwin('backup-keeps-no-wal.patch');
  try {
    const lost: string[] = [];
    for (let tries = 0; tries < 5 && lost.length === 0; tries += 1) {
      const out = backupIn(`without-wal-${tries}`);
      const backup = copyAt('data').sluiceOf(twin.main, 'backup', '--out', out);
      const [code, said] = await backUpWhileWalIsRecycled(out, backup);
      if (code === 1) lost.push(said);
    }
    expect(lost).toEqual([expect.stringMatching(/pg_wal.*\(backup-failed\)/)]);
    expect(readdirSync(folder).filter((name) => name.includes('making'))).toEqual([]);
  } finally {
    twin.remove();
  }
});

test('a changed or missing file is named, and nothing is written', async () => {
  const copy = copyAt('never');
  const broken = backupIn('broken');
  cpSync(backupIn('first'), broken, { recursive: true });
  const segment = readdirSync(join(broken, 'cluster', 'pg_wal')).find(
    (name) => name.length === 24,
  )!;
  const path = `cluster/pg_wal/${segment}`;
  const bytes = readFileSync(join(broken, path));
  const place = Math.floor(Math.random() * bytes.length);
  bytes[place]! ^= 1 << Math.floor(Math.random() * 8);
  writeFileSync(join(broken, path), bytes);
  const changed = await ran(copy.sluice('restore', '--from', broken));
  expect(changed).toEqual([1, expect.stringContaining(`${path} was changed`)]);
  rmSync(join(broken, path));
  const missing = await ran(copy.sluice('restore', '--from', broken));
  expect(missing).toEqual([
    1,
    expect.stringMatching(new RegExp(`${path} is missing.*backup-damaged`)),
  ]);
  expect(existsSync(copy.dataDir)).toBe(false);
});

test('other keys in the data folder are never replaced', async () => {
  const copy = copyAt('other-keys');
  cpSync(join(backupIn('first'), 'keys'), join(copy.dataDir, 'keys'), { recursive: true });
  writeFileSync(join(copy.dataDir, 'keys', 'cursor'), Buffer.alloc(32, 7));
  const refused = await ran(copy.sluice('restore', '--from', backupIn('first')));
  expect(refused).toEqual([1, expect.stringContaining('holds other keys than the backup')]);
  expect(readdirSync(copy.dataDir)).toEqual(['keys']);
});

test('a database of the operator’s own is backed up with its own tools', async () => {
  const url = 'postgres://sluice_app:x@localhost:1/sluice';
  const environment = { DATABASE_URL: url, DATABASE_READER_URL: url };
  const words = [builtMain(), 'backup', '--out', backupIn('elsewhere')];
  expect(await ran(startNode(words, environment))).toEqual([
    1,
    expect.stringMatching(/sluice log verify.*\(backup-elsewhere\)/),
  ]);
  expect(existsSync(backupIn('elsewhere'))).toBe(false);
});

test('kill −9 of a backup leaves nothing that restores, and no slot', async () => {
  let midway = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const out = backupIn(`killed-${String(kill)}`);
    const child = house.sluice('backup', '--out', out);
    const drafts = () => draftsOf(out);
    while (drafts().length === 0 && !existsSync(out)) await wait(5);
    await wait(Math.random() * 800);
    child.process.kill('SIGKILL');
    await child.ended();
    for (const name of drafts()) {
      midway += 1;
      const copy = copyAt(`killed-${String(kill)}`);
      const refused = await ran(copy.sluice('restore', '--from', join(folder, name)));
      expect(refused).toEqual([1, expect.stringContaining('(backup-damaged)')]);
      expect(existsSync(copy.dataDir)).toBe(false);
      rmSync(join(folder, name), { recursive: true });
    }
    rmSync(out, { recursive: true, force: true });
  }
  expect(midway).toBeGreaterThan(0);
  expect((await pull(gateway, '/v1/customers')).status).toBe(200);
  const slots = await house.withSuperuser((db) => db('pg_replication_slots').pluck('slot_name'));
  expect(slots).toEqual([]);
  process.stderr.write(`${kills} kills of a backup, ${midway} midway, 0 restorable\n`);
});
