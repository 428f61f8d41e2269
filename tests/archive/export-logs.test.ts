import { mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { detachEntries, exportLogs } from '../../src/archive/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure, readEvidence } from '../../src/disclosures/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { findHead, headLog, readEpoch, signCheckpoint } from '../../src/logs/index.ts';
import { openDatabase, type Database } from '../../src/platform/database.ts';
import { logKeys, proveDisclosure } from '../../src/publication/index.ts';
import { takeBeat } from '../../src/heads/index.ts';
import { keep, renewLogs } from '../../src/renewals/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { tilePathOf, tilesOf } from '../../src/transparency/index.ts';
import { verifyProof, verifyTiles } from '../../src/verification/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { givenPartner, givenToken } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

/** 600 entries of months that are over, the last of them 1,000 ms before this month, then 100. */
const [old, young] = [600, 100];

let house: House;
let tools: Tools;
let gateway: Express;
let migrator: Database;
let token: string;
let recipientId: string;
let logId: string;
let folder: string;
const ids: string[] = [];
let before: string;

beforeAll(async () => {
  const now = new Date();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  before = month.toISOString().slice(0, 10);
  const clock = testClock(new Date(month.getTime() - 40 * 86_400_000));
  folder = await mkdtemp(join(tmpdir(), 'sluice-archive-'));
  house = await openHouse({ clock, settings: { logArchive: folder } });
  ({ tools } = house);
  gateway = createGateway(tools);
  migrator = openDatabase(house.urls.migrator, { max: 1 });
  const bright = await givenPartner(tools);
  recipientId = bright.partner.id;
  const epoch = await readEpoch(tools.db, recipientId);
  const append = async (count: number) => {
    for (let left = count; left > 0; left -= 50) {
      const pages = Array.from({ length: 50 }, () => givenDisclosure(recipientId, { epoch }));
      for (const one of await Promise.all(pages.map((page) => appendDisclosure(tools, page)))) {
        ids.push(one.appended ? one.id : '');
      }
    }
  };
  await append(old / 2);
  await takeBeat(tools);
  clock.set(new Date(month.getTime() - 1000));
  await append(old / 2);
  await takeBeat(tools);
  clock.set(new Date(Math.max(month.getTime(), now.getTime())));
  await append(young);
  await takeBeat(tools);
  token = await givenToken(gateway, bright);
  logId = (await findHead(tools.db, recipientId))?.logId ?? '';
});
afterAll(async () => {
  await migrator.destroy();
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string) =>
  request(gateway).get(path).auth(token, { type: 'bearer' }).buffer(true).parse(binary);
const binary = (response: request.Response, done: (error: null, body: Buffer) => void) => {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    done(null, Buffer.concat(chunks));
  });
};

/** Everything that is served of the log, by its path. */
async function served(): Promise<Map<string, string>> {
  const tiles = tilesOf(old + young).flatMap((tile) => {
    const path = tilePathOf(tile);
    const bundle = tile.level === 0 ? [`/log/${logId}/tile/entries/${path}`] : [];
    return [`/log/${logId}/tile/${String(tile.level)}/${path}`, ...bundle];
  });
  const some = [0, 255, 256, 299, 511, 512, 600, 699].map((index) => ids[index] ?? '');
  const paths = [
    ...tiles,
    `/log/${logId}/tile/0/001.p/7`,
    `/log/${logId}/checkpoint`,
    ...some.flatMap((id) => [`/v1/disclosures/${id}`, `/v1/disclosures/${id}/proof`]),
    '/v1/disclosures?limit=700',
    `/v1/disclosures?limit=300&cursor=${ids[200] ?? ''}`,
  ];
  const answers = new Map<string, string>();
  for (const path of paths) {
    const { status, body } = await get(path);
    answers.set(path, `${String(status)} ${(body as Buffer).toString('base64')}`);
    expect([path, status]).toEqual([path, 200]);
  }
  return answers;
}

const detach = () => detachEntries(tools, { migrator, before, folder });
const stored = async () =>
  Number((await house.admin('disclosure_entries').count<{ count: string }[]>())[0]?.count);
const file = (path: string) => join(folder, logId, path);

test('what is not over, and what is not recorded, is neither exported nor detached', async () => {
  const next = new Date(tools.clock.now());
  next.setUTCMonth(next.getUTCMonth() + 1, 1);
  const later = next.toISOString().slice(0, 10);
  await expect(exportLogs(tools, { before: later, folder })).rejects.toMatchObject({
    kind: { code: 'month-open' },
  });
  const all = await stored();
  expect(await detach()).toMatchObject({ detached: 0 });
  expect(await stored()).toBe(all);
});

test('an export that is cut off records nothing, and goes on when it is run again', async () => {
  await writeFile(join(folder, 'taken'), '');
  const elsewhere = join(folder, 'taken', 'by a file');
  await expect(exportLogs(tools, { before, folder: elsewhere })).rejects.toThrow('ENOTDIR');
  expect(await house.admin('log_exports')).toEqual([]);
  await rm(join(folder, 'taken'));
  await exportLogs(tools, { before, folder });
  const files = [await readFile(file('tile/entries/001')), await readFile(file('checkpoint'))];
  await rm(file('tile/entries/001'));
  await writeFile(file('tile/0/001.new'), 'half of a fi');
  const logs = await exportLogs(tools, { before, folder });
  expect(logs).toMatchObject([
    { exported: 512, added: 0, kept: 188 },
    { exported: 0, added: 0, kept: 3 },
  ]);
  expect([await readFile(file('tile/entries/001')), await readFile(file('checkpoint'))]).toEqual(
    files,
  );
  expect(await house.admin('log_exports')).toHaveLength(1);
});

test('an exported log is a log of its own: tlog-tiles under a checkpoint that its key signed', async () => {
  const [key] = await logKeys(tools);
  const readTile = (path: string) => readFile(file(path)).catch(() => undefined);
  expect(await verifyTiles({ key, readTile })).toMatchObject({ holds: true, size: 512, tiles: 3 });
});

test('nothing is detached whose file is another one by now, or is read from elsewhere', async () => {
  const all = await stored();
  const bytes = await readFile(file('tile/entries/001'));
  await writeFile(file('tile/entries/001'), Buffer.concat([bytes, Buffer.of(0)]));
  await expect(detach()).rejects.toMatchObject({ kind: { code: 'log-export-wrong' } });
  await expect(exportLogs(tools, { before, folder })).rejects.toMatchObject({
    kind: { code: 'log-export-wrong' },
  });
  await rm(file('tile/entries/001'));
  await expect(detach()).rejects.toMatchObject({ kind: { code: 'log-export-wrong' } });
  await writeFile(file('tile/entries/001'), bytes);
  const elsewhere = { ...tools, settings: { ...tools.settings, logArchive: tmpdir() } };
  await expect(detachEntries(elsewhere, { migrator, before, folder })).rejects.toMatchObject({
    kind: { code: 'log-archive-unset' },
  });
  const asApp = { migrator: tools.db, before, folder };
  await expect(detachEntries(tools, asApp)).rejects.toMatchObject({ code: '42501' });
  expect(await stored()).toBe(all);
});

test('a detaching that is cut off has detached nothing', async () => {
  const all = await stored();
  await house.admin
    .raw(`create function fail() returns trigger language plpgsql as $$ begin raise exception 'cut off'; end $$;
    create trigger fail after insert on log_archived_ids for each statement execute function fail()`);
  await expect(detach()).rejects.toThrow('cut off');
  await house.admin.raw('drop trigger fail on log_archived_ids; drop function fail()');
  expect(await stored()).toBe(all);
  expect(await verifyLog(tools)).toMatchObject({ findings: [] });
});

test('after detaching the very same bytes are served, and the audit is green', async () => {
  const answers = await served();
  const audit = await verifyLog(tools);
  const [all, head] = [await stored(), (await findHead(tools.db, headLog))?.size ?? 0];
  const evidence = await readEvidence(tools, { recipientId, id: ids[3] ?? '' });
  expect(await detach()).toEqual({ detached: 512, kept: 88 + head - 1 });
  expect(await stored()).toBe(all - 512);
  expect(await served()).toEqual(answers);
  expect(await verifyLog(tools)).toEqual(audit);
  expect(audit.findings).toEqual([]);
  const { entry } = await readEvidence(tools, { recipientId, id: ids[3] ?? '' });
  expect(entry).toBe(evidence.entry);
  const [key] = await logKeys(tools);
  for (const index of [0, 300, 511, 512, 699]) {
    const { text: proof } = await proveDisclosure(tools, { recipientId, id: ids[index] ?? '' });
    expect(await verifyProof({ proof, key })).toMatchObject({ holds: true, index });
  }
});

test('another export after that reads what is detached from the archive', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'sluice-copy-'));
  await exportLogs(tools, { before, folder: copy });
  for (const path of ['tile/entries/000', 'tile/entries/001', 'tile/0/000', 'checkpoint']) {
    expect(await readFile(join(copy, logId, path))).toEqual(await readFile(file(path)));
  }
  await rm(copy, { recursive: true });
  expect(await detach()).toMatchObject({ detached: 0 });
  expect(await verifyLog(tools)).toMatchObject({ findings: [] });
});

test('entries are appended on, and an entry with an id of long ago has its place', async () => {
  const epoch = await readEpoch(tools.db, recipientId);
  const late = { ...tools, clock: testClock(new Date('2025-01-01T00:00:00Z')) };
  for (const one of [tools, late]) {
    const appended = await appendDisclosure(one, givenDisclosure(recipientId, { epoch }));
    const id = appended.appended ? appended.id : '';
    expect((await get(`/v1/disclosures/${id}`)).status).toBe(200);
  }
  expect(await verifyLog(tools)).toMatchObject({ findings: [] });
});

const damages: readonly [string, (path: string) => Promise<void>, number][] = [
  ['is gone', (path) => rename(path, `${path}.away`), 256],
  ['ends early', (path) => truncate(path, 1000), 256],
  [
    'has one other byte',
    async (path) => {
      const bytes = await readFile(path);
      const at = bytes.indexOf('"purpose', 100_000);
      bytes.writeUInt8(bytes.readUInt8(at + 3) ^ 1, at + 3);
      await writeFile(path, bytes);
    },
    -1,
  ],
];

test.each(damages)(
  'a file of the archive that %s is never served, and is found',
  async (_what, damage, first) => {
    const path = file('tile/entries/001');
    const bytes = await readFile(path);
    await damage(path);
    for (const asked of [
      `/log/${logId}/tile/entries/001`,
      `/log/${logId}/tile/0/001`,
      `/v1/disclosures/${ids[300] ?? ''}`,
      `/v1/disclosures/${ids[300] ?? ''}/proof`,
      '/v1/disclosures?limit=700',
    ]) {
      const { status, body, headers } = await get(asked);
      expect([asked, status]).toEqual([asked, 503]);
      expect(JSON.parse((body as Buffer).toString())).toMatchObject({
        code: 'log-archive-unavailable',
      });
      expect(headers['retry-after']).toBe('60');
    }
    expect((await get(`/v1/disclosures/${ids[600] ?? ''}`)).status).toBe(200);
    const { findings } = await verifyLog(tools);
    expect(findings).toHaveLength(1);
    const [{ index, id, what } = { index: null, id: null, what: '' }] = findings;
    expect(id).toBe(ids[index ?? 0]);
    if (first >= 0) {
      expect([index, what]).toEqual([
        first,
        'is in the archive alone, and its file there can’t be read',
      ]);
    } else {
      expect(index).toBeGreaterThan(256);
      expect(what).toBe('its bytes do not have the hash that was stored with it');
    }
    await writeFile(path, bytes);
    expect((await verifyLog(tools)).findings).toEqual([]);
  },
);

test('a server that does not know the archive says so', async () => {
  const without = createGateway({
    ...tools,
    settings: { ...tools.settings, logArchive: undefined },
  });
  const answer = await request(without)
    .get(`/v1/disclosures/${ids[0] ?? ''}`)
    .auth(token, { type: 'bearer' });
  expect([answer.status, answer.body]).toMatchObject([503, { code: 'log-archive-unavailable' }]);
});

test('a log of few entries keeps them all', async () => {
  const log = await givenLog(tools);
  await appendDisclosure(tools, givenDisclosure(log));
  const logs = await exportLogs(tools, { before, folder });
  expect(logs.at(-1)).toMatchObject({ exported: 0, kept: 1 });
});

/** More of the head log was published than there is, so the logs get new names; gives the log's new id. */
async function renewed(): Promise<string> {
  const head = await findHead(tools.db, headLog);
  if (!head) throw new Error('There is no head log.');
  const published = { ...head, size: head.size + 10, root: Buffer.alloc(32, 9) };
  keep(tools.settings, signCheckpoint(tools.settings, published));
  await renewLogs(tools, { reason: 'The disk failed.' });
  return (await findHead(tools.db, recipientId))?.logId ?? '';
}

test('renewed, a log has its archive where it was, and exports on under its new name', async () => {
  const tile = `/log/${logId}/tile/entries/001`;
  const { body: before256 } = await get(tile);
  const formerId = logId;
  logId = await renewed();
  expect(logId).not.toBe(formerId);
  expect((await get(tile)).status).toBe(404);
  expect((await get(`/log/${logId}/tile/entries/001`)).body).toEqual(before256);
  expect((await get(`/log/${logId}/tile/0/000`)).status).toBe(200);
  const [key] = await logKeys(tools);
  for (const index of [0, 300, 511, 512]) {
    const id = ids[index] ?? '';
    expect((await get(`/v1/disclosures/${id}`)).status).toBe(200);
    const { text: proof } = await proveDisclosure(tools, { recipientId, id });
    expect(await verifyProof({ proof, key })).toMatchObject({ holds: true, index });
  }
  expect((await get('/v1/disclosures?limit=700')).status).toBe(200);
  expect((await verifyLog(tools)).findings).toEqual([]);
  expect(await detach()).toMatchObject({ detached: 0 });

  const copy = await mkdtemp(join(tmpdir(), 'sluice-copy-'));
  await exportLogs(tools, { before, folder: copy });
  for (const path of ['tile/entries/000', 'tile/entries/001', 'tile/0/000', 'tile/0/001']) {
    const former = await readFile(join(folder, formerId, path));
    expect(await readFile(join(copy, logId, path))).toEqual(former);
  }
  await rm(copy, { recursive: true });
  await exportLogs(tools, { before, folder });
  const readTile = (path: string) => readFile(file(path)).catch(() => undefined);
  expect(await verifyTiles({ key, readTile })).toMatchObject({ holds: true, size: 512 });
  expect(await detach()).toMatchObject({ detached: 0 });
});

test('a file under a former id that was damaged is told of, unless there is a right one', async () => {
  const former = logId;
  logId = await renewed();
  const path = join(folder, former, 'tile/entries/001');
  const bytes = await readFile(path);
  await writeFile(path, Buffer.concat([bytes, Buffer.of(0)]));
  expect((await get(`/log/${logId}/tile/entries/001`)).status).toBe(200);
  expect((await verifyLog(tools)).findings).toEqual([]);
  const renewals = await house.admin('log_renewals').where({ recipient_id: recipientId });
  const ids = renewals.map(({ was_origin: was }) => String(was).split('/').at(-1) ?? '');
  for (const one of ids.filter((id) => id !== former)) {
    await rm(join(folder, one), { recursive: true });
  }
  expect((await get(`/log/${logId}/tile/entries/001`)).status).toBe(503);
  await expect(detach()).rejects.toMatchObject({ kind: { code: 'log-export-wrong' } });
  expect((await verifyLog(tools)).findings).toHaveLength(1);
});
