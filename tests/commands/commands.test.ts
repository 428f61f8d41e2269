import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { writeText } from '../../src/commands/files.ts';
import { builtMain } from '../support/build.ts';
import { findPartnerByKey } from '../../src/partners/index.ts';
import { publishView } from '../../src/views/index.ts';
import { endChildren, startNode } from '../support/child.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  payment,
  service,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { runCommand } from '../support/run-command.ts';

jest.setTimeout(60_000);
let house: House;
const folder = mkdtempSync(join(tmpdir(), 'sluice-commands-'));
chmodSync(folder, 0o755);

beforeAll(async () => {
  house = await openHouse();
  const { partner } = await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('ada'), customer('bob')]);
  await givenRelationship(house.tools, partner, 'ada');
  await givenRelationship(house.tools, partner, 'bob');
  await givenRecords(house.tools, [payment('p1', 'ada')]);
});
afterAll(async () => {
  endChildren();
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({
  DATABASE_URL: house.urls.app,
  DATABASE_READER_URL: house.urls.reader,
  SLUICE_DATA_DIR: folder,
  SLUICE_LOG_LEVEL: 'silent',
});
const start = (...words: string[]) => startNode([builtMain(), ...words], environment());

const sluice = (...words: string[]) => runCommand(words, environment());

function fileOf(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

const bright = ['--partner', 'brightside'];

test('a closed pipe ends quietly', async () => {
  const child = start('settings');
  child.process.stdout?.destroy();
  expect([await child.ended(), child.text()]).toEqual([0, '']);
});

test('a command that makes a new database says so, once, and what is empty', async () => {
  const SLUICE_DATA_DIR = join(folder, 'data');
  const list = async () => {
    const child = startNode([builtMain(), 'partner', 'list'], { SLUICE_DATA_DIR });
    return [await child.ended(), child.text()];
  };
  expect(await list()).toEqual([
    0,
    `sluice: Made a new database in ${SLUICE_DATA_DIR}.\nNo partners yet.\n`,
  ]);
  expect(await list()).toEqual([0, 'No partners yet.\n']);
});

test('the program tells its version', async () => {
  const child = start('--version');
  expect([await child.ended(), child.text()]).toEqual([
    0,
    expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  ]);
});

test('a file that cannot be written or read is named, and is no lost database', async () => {
  const nowhere = join(folder, 'nowhere', 'x');
  const unread = await sluice('schema', 'check', nowhere, ...bright);
  expect(unread.code).toBe(1);
  expect(unread.text).toContain(`${nowhere} can't be read: there is no such file or folder`);
  await expect(writeText(nowhere, '')).rejects.toMatchObject({
    message: `${nowhere} can't be written: there is no such file or folder.`,
    kind: { code: 'file-unwritable' },
  });
  const unknown = await sluice('log', 'proof', '--id', 'dis_AAAAAAAAAAAAAAAAAAAAAA');
  expect(unknown).toEqual({
    code: 1,
    text: 'sluice: There is no disclosure with this id. (unknown-disclosure)\n',
  });
});

test('what partners may see is refused with every problem, its place and its promise', async () => {
  const draft = fileOf('view.json', {
    type: 'object',
    properties: { customer: { properties: { contact: true, nonsense: true } }, order: true },
  });
  for (const verb of ['check', 'publish']) {
    const refused = await sluice('schema', verb, draft, ...bright, '--json');
    expect(refused.code).toBe(1);
    const fields = (JSON.parse(refused.text) as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(['/properties/customer/properties/nonsense', '/properties/order']);
  }
  const shown = await sluice('schema', 'show', ...bright);
  expect(shown.text).toMatch(/^Version 1, digest [0-9a-f]{64}\n\ncustomer\n {2}account\.number\n/);
  expect(JSON.parse((await sluice('schema', 'show', ...bright, '--json')).text)).toMatchObject({
    version: 1,
    document: { type: 'object' },
  });
});

test('versions of a view are compared, previewed, published, listed and retired', async () => {
  const narrow = fileOf('narrow.json', {
    type: 'object',
    properties: { customer: { properties: { contact: { properties: { name: true } } } } },
  });
  const diff = await sluice('schema', 'diff', narrow, ...bright, '--customers');
  expect(diff.text).toMatch(/^customer +account\.number +account +removed +0 +1 +0 +1$/m);
  expect(diff.text).toMatch(/1 partner, against version 1: 0 customers gain, 1 lose\./);
  expect(diff.text).toMatch(/\nnarrowing: acts at once\n\ncustomers\n {2}ada\n$/);
  const preview = await sluice('schema', 'preview', narrow, ...bright, '--customer', 'ada');
  expect(preview.text).toMatch(/nothing left, and nothing is logged/);
  expect(preview.text).toMatch(/\{"id":"cus_[\w-]{22}","contact":\{"name":"Person ada"\}\}\n$/);

  const typo = await sluice('schema', 'preview', narrow, ...bright, '--customer', 'adda');
  expect([typo.code, typo.text]).toEqual([1, expect.stringContaining('unknown-customer')]);

  const { tools } = house;
  const { version: second } = await publishView(tools, {
    partner: (await findPartnerByKey(tools.db, 'brightside'))!,
    draft: { type: 'object', properties: { customer: { properties: { account: true } } } },
    effectiveAt: new Date(tools.clock.now().getTime() + 1000),
  });
  const wide = await sluice('schema', 'diff', narrow, ...bright, '--json');
  expect(JSON.parse(wide.text)).toMatchObject({ before: second, isWidening: true });

  const publish = ['schema', 'publish', narrow, ...bright];
  const misused = await sluice(...publish, '--sunset', 'soon');
  expect([misused.code, misused.text]).toEqual([2, expect.stringContaining('--sunset is a day')]);
  const past = await sluice(...publish, '--effective', '2020-01-01');
  expect([past.code, past.text]).toEqual([1, expect.stringContaining('invalid-view')]);
  const next = ['--effective', '2099-01-01', '--sunset', '2099-02-01', '--actor', 'ann', '--json'];
  expect((await sluice(...publish, ...next)).code).toBe(0);
  const list = async () =>
    JSON.parse((await sluice('schema', 'list', ...bright, '--json')).text) as unknown;
  expect(await list()).toMatchObject([
    { version: 1, stage: 'retired' },
    { version: 2, stage: 'in force', sunset: '2099-02-01T00:00:00.000Z' },
    { version: 3, stage: 'waiting', effective: '2099-01-01T00:00:00.000Z', by: 'ann' },
  ]);
  const retired = await sluice('schema', 'retire', ...bright, '--version', '3');
  expect([retired.code, retired.text]).toEqual([0, expect.stringMatching(/^ +3 {2}withdrawn /m)]);
  expect((await sluice('schema', 'retire', ...bright, '--version', 'x')).code).toBe(2);
  expect((await sluice('schema', 'retire', ...bright, '--version', '9')).code).toBe(1);
  const shown = await sluice('schema', 'show', ...bright);
  expect(shown.text).toMatch(/\nWaiting: .*\n\ncustomer\n {2}billing\.address\.city\n/);
});

test('an agreement is refused with all its problems and what would be right', async () => {
  const terms = fileOf('terms.json', {
    direction: 'sideways',
    classes: ['contact'],
    purposes: ['identity'],
    services: 'some',
    timeZone: 5,
    termsClauses: {},
    fee: { kind: 'percent', ratePercent: '17,5 %', rounding: 'half-even', currencies: ['EUR'] },
    colour: 1,
  });
  const said = ['--accepted-by', 'Bo Bright', '--evidence', 'signed'];
  const words = [
    'agreement',
    'publish',
    terms,
    ...bright,
    '--from',
    '2027-01-01',
    ...said,
    '--json',
  ];
  const refused = await sluice(...words);
  expect(refused.code).toBe(1);
  const told = (JSON.parse(refused.text) as { problem: string }[]).map(({ problem }) => problem);
  expect(told.sort()).toEqual([
    '/colour is not known here.',
    '/direction must be one of payable, receivable.',
    '/fee/ratePercent must be a percentage such as "17.5".',
    '/services must be "all" or of the type array.',
    '/timeZone must be an IANA time zone such as "Europe/Berlin".',
  ]);
});

test('a refusal tells its field and its promise', async () => {
  const change = ['--customer', 'ada', '--service', 'store', '--at', '2999-01-01'];
  const refused = await sluice('relationship', 'suspend', ...bright, ...change);
  expect(refused).toEqual({
    code: 1,
    text: expect.stringMatching(/^sluice: .*\(invalid-relationship-event, at event\)\n$/),
  });
});

test('the ledger is read in the operator’s words, and nothing is done twice', async () => {
  const list = async () => {
    const { text } = await sluice('relationship', 'list', ...bright, '--json');
    return (JSON.parse(text) as Record<string, string>[]).map((row) => [
      row['customer'],
      row['status'],
    ]);
  };
  expect(await list()).toEqual([
    ['ada', 'active'],
    ['bob', 'waiting for a payment'],
  ]);
  const change = [...bright, '--customer', 'ada', '--service', 'store'];
  expect((await sluice('relationship', 'opt-out', ...change)).code).toBe(0);
  expect(await list()).toContainEqual(['ada', 'opted out']);
  const again = await sluice('relationship', 'opt-out', ...change);
  expect(again.code).toBe(1);
  expect(again.text).toContain('The customer has opted out already.');
  const history = await sluice('relationship', 'history', ...bright, '--customer', 'ada', '--json');
  expect(JSON.parse(history.text)).toMatchObject([
    { service: 'store', event: 'attributed' },
    { service: 'store', event: 'activated', evidence: 'payment p1' },
    { service: 'store', event: 'opted-out' },
  ]);
  const other = await sluice(
    ...['relationship', 'history', ...bright, '--customer', 'ada', '--service', 'other'],
  );
  expect(other.text).toBe('Nothing is booked yet.\n');
});
