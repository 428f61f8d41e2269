import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { runCommand } from '../support/run-command.ts';
import { givenPartner, givenSharedCustomer, givenToken } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

jest.setTimeout(60_000);
let house: House;
let page: { id: string; body: string };
const folder = mkdtempSync(join(tmpdir(), 'sluice-why-'));
const keys = join(folder, 'of-the-house');
chmodSync(folder, 0o755);

beforeAll(async () => {
  // A little behind the clock of the commands, so that to them it has all happened.
  house = await openHouse({ clock: testClock(new Date(Date.now() - 60_000)) });
  // The keys of this house, under which its pages are made.
  mkdirSync(keys, { mode: 0o700 });
  const { pairwise, cursor, log } = house.tools.settings.keys;
  for (const [name, key] of Object.entries({ pairwise, cursor, log })) {
    writeFileSync(join(keys, name), key, { mode: 0o600 });
  }
  const given = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, given.partner, 'ada');
  const gateway = createGateway(house.tools);
  const token = await givenToken(gateway, given);
  const answer = await request(gateway)
    .get('/v1/customers')
    .set('Authorization', `Bearer ${token}`);
  page = { id: answer.headers['disclosure-id'] ?? '', body: answer.text };
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const sluice = (...words: string[]) => run(words, { SLUICE_KEYS_DIR: keys });

function run(words: readonly string[], more: Record<string, string> = {}) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: folder,
    SLUICE_LOG_LEVEL: 'silent',
    ...more,
  });
}

const ask = ['why', '--partner', 'brightside', '--customer', 'ada', '--field'];

test('why answers yes or no in its first line, then part by part, and shows no value', async () => {
  const yes = await sluice(...ask, 'invoice.number');
  expect(yes.code).toBe(0);
  const lines = yes.text.split('\n');
  expect(lines[0]).toBe('yes: Every part allows it. (promise P10, P11)');
  expect(lines[2]?.split(/ {2,}/)).toEqual(['part', 'allows', 'promise', 'detail']);
  expect(yes.text).toContain('Records that show it: i-ada');
  expect(yes.text).not.toContain('N-i-ada');
  const no = await sluice(...ask, 'customer.email.address', '--json');
  expect([no.code, JSON.parse(no.text)]).toEqual([
    0,
    expect.objectContaining({ allowed: false, promises: ['P07'], records: [] }),
  ]);
});

test('why refuses what it cannot be asked, and bad words are misuse', async () => {
  const unknown = await sluice(...ask, 'invoice.colour');
  expect(unknown).toEqual({
    code: 1,
    text:
      'sluice: The catalogue has no such field; say it as invoice.total.amount. ' +
      '(unknown-field, at field)\n',
  });
  expect((await sluice(...ask, 'invoice.number', '--at', 'today')).text).toContain(
    '--at is a day, YYYY-MM-DD, or an instant with its offset (RFC 3339). (misuse)',
  );
  expect((await sluice(...ask, 'invoice.number', '--view', 'x')).code).toBe(2);
  const partner = ['why', '--partner', 'nobody', '--customer', 'ada', '--field', 'invoice.id'];
  expect((await sluice(...partner)).text).toContain('(unknown-partner)');
});

test('a page is made again into a file of its owner’s alone; one that cannot be ends with 1', async () => {
  const out = join(folder, 'page.json');
  const words = ['log', 'remake', '--disclosure', page.id];
  const otherwise = await run(words);
  expect(otherwise.code).toBe(1);
  expect(otherwise.text).toMatch(/dis_\S+ cannot be made again: no version .*\(1\)\.\n$/);
  const made = await sluice(...words, '--out', out);
  expect(made).toEqual({
    code: 0,
    text:
      `${page.id} was made again, and its hash is the one in the log: 1 record, ` +
      `${String(Buffer.byteLength(page.body))} bytes. It is in ${out}.\n`,
  });
  expect(readFileSync(out, 'utf8')).toBe(page.body);
  expect(statSync(out).mode & 0o077).toBe(0);
  const told = await sluice(...words, '--json');
  expect(JSON.parse(told.text)).toEqual({
    ...{ made: true, id: page.id, records: 1, bytes: Buffer.byteLength(page.body), out: null },
  });
  expect(told.text).not.toContain('Person');
  expect((await sluice('log', 'remake', '--disclosure', 'dis_no')).text).toContain(
    '(unknown-disclosure)',
  );
});
