import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { addDays } from '../../src/platform/calendar-days.ts';
import { openDatabase } from '../../src/platform/database.ts';
import {
  activatePolicy,
  announcePolicy,
  findPolicyVersions,
  readPolicy,
} from '../../src/policy/index.ts';
import { runCommand } from '../support/run-command.ts';
import { openHouse, type House } from '../support/house.ts';
import {
  calmZone,
  lastDayInTime,
  movePublished,
  policyOf,
  response,
  tamper,
} from './given-policy.ts';

jest.setTimeout(60_000);
let house: House;
const folder = mkdtempSync(join(tmpdir(), 'sluice-policy-'));

beforeAll(async () => {
  house = await openHouse({ settings: { timeZone: calmZone } });
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

function sluice(...words: string[]) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: folder,
    SLUICE_TIME_ZONE: calmZone,
    SLUICE_LOG_LEVEL: 'silent',
  });
}

const announce = (version: string, noticeDays?: number) =>
  announcePolicy(house.tools, { document: policyOf(version), noticeDays, ...response });
const activate = (version: string) => activatePolicy(house.tools, { version, actor: 'test' });
const activateBySql = (version: string) =>
  house.tools.db('policy_activations').insert({ version, actor: 'test' });
const running = expect.objectContaining({
  kind: expect.objectContaining({ code: 'notice-running', status: 409 }),
  facts: expect.objectContaining({ promise: 'P03' }),
});

async function expectTooEarly(version: string): Promise<void> {
  await expect(activate(version)).rejects.toEqual(running);
  await expect(activateBySql(version)).rejects.toMatchObject({ code: 'SL031' });
  const command = await sluice('policy', 'activate', version);
  expect(command).toMatchObject({
    code: 1,
    text: expect.stringMatching(/at the earliest.*promise P03/),
  });
  expect((await readPolicy(house.tools.db)).version).not.toBe(version);
}

test('promise P03: thirty working days: one fewer is refused by act, command and SQL; then the command may', async () => {
  const announced = await announce('thirty');
  expect(announced).toMatchObject({ noticeDays: 30, reading: 'thirty', effectiveAt: null });
  await expectTooEarly('thirty');
  const inTime = await lastDayInTime(house, { noticeDays: 30 });
  await movePublished(house, 'thirty', addDays(inTime, 1));
  await expectTooEarly('thirty');
  await movePublished(house, 'thirty', inTime);
  const command = await sluice('policy', 'activate', 'thirty', '--json');
  expect(command).toMatchObject({ code: 0, text: expect.stringContaining('"version": "thirty"') });
  expect((await readPolicy(house.tools.db)).version).toBe('thirty');
});

test('promise P03: ten working days: one fewer is refused by act, command and SQL; then the act may', async () => {
  expect(await announce('ten', 10)).toMatchObject({ noticeDays: 10, reading: 'ten' });
  const inTime = await lastDayInTime(house, { noticeDays: 10 });
  await movePublished(house, 'ten', addDays(inTime, 1));
  await expectTooEarly('ten');
  await movePublished(house, 'ten', inTime);
  expect((await activate('ten')).effectiveAt).toBeInstanceOf(Date);
  expect((await readPolicy(house.tools.db)).version).toBe('ten');
});

test('promise P03: other settings do not shorten a notice that runs', async () => {
  await announce('running');
  await movePublished(house, 'running', await lastDayInTime(house, { noticeDays: 10 }));
  const settings = { ...house.tools.settings, noticeDays: 10, timeZone: 'Pacific/Kiritimati' };
  const tools = { ...house.tools, settings: { ...settings, country: 'GB' } };
  await expect(activatePolicy(tools, { version: 'running', actor: 'test' })).rejects.toEqual(
    running,
  );
});

test('promise P03: a day that the calendar lacks has not passed', async () => {
  await announce('gap', 10);
  const inTime = await lastDayInTime(house, { noticeDays: 12 });
  await movePublished(house, 'gap', inTime);
  const day = addDays(inTime, 2);
  const kept = await house
    .admin('calendar_days')
    .where({ country: 'US', day })
    .first<Record<string, unknown>>();
  await tamper(house, "delete from calendar_days where country = 'US' and day = ?", [day]);
  await expect(activate('gap')).rejects.toMatchObject({
    kind: { code: 'calendar-missing' },
    facts: { promise: 'P03' },
  });
  await house.admin('calendar_days').insert(kept);
  await activate('gap');
});

const denied = [
  ['move an announcement', "update policy_versions set published_at = now() - interval '1 year'"],
  ['shorten a notice', 'update policy_versions set notice_days = 10'],
  ['take an announcement back', 'delete from policy_versions'],
  ['empty the versions', 'truncate policy_versions cascade'],
  ['empty the activations', 'truncate policy_activations'],
  ['move an activation', "update policy_activations set effective_at = now() - interval '1 year'"],
  ['take an activation back', 'delete from policy_activations'],
  [
    'date an activation itself',
    "insert into policy_activations (version, actor, effective_at) values ('still', 'x', now())",
  ],
  [
    'date an announcement itself',
    `insert into policy_versions (version, document, digest, notice, response_directions, notice_days,
       country, time_zone, actor, published_at)
     select 'mine', jsonb_set(document, '{version}', '"mine"'), digest, notice, response_directions, 10,
       country, time_zone, actor, now() - interval '1 year' from policy_versions limit 1`,
  ],
  ['add a day', "insert into calendar_days (country, day, is_working) values ('ZZ', now(), true)"],
  ['make days working', 'update calendar_days set is_working = true'],
  ['remove days', 'delete from calendar_days'],
  ['empty the calendar', 'truncate calendar_days'],
  ['put its own calendar in front', 'create temporary table calendar_days (day date)'],
  [
    'make a function',
    'create function public.clock_timestamp() returns int language sql as $$select 1$$',
  ],
  ['leave out the triggers', 'set session_replication_role = replica'],
  ['disable a trigger', 'alter table policy_activations disable trigger takes_effect'],
  ['become the owner', 'set role sluice_owner'],
] as const;

test.each(denied)('promise P03: the application’s role cannot %s', async (_what, sql) => {
  await expect(house.tools.db.raw(sql.replaceAll('?', '\\?'))).rejects.toMatchObject({
    code: expect.stringMatching(/^42501$/),
  });
});

const ownersChanges = denied.filter(([, sql]) => /^(update|delete|truncate)/.test(sql));
test.each(ownersChanges)(
  'promise P03: the owner of the tables cannot %s either',
  async (_, sql) => {
    const migrator = openDatabase(house.urls.migrator, { max: 1 });
    try {
      await migrator.raw('set role sluice_owner');
      await expect(migrator.raw(sql)).rejects.toThrow(/append-only/);
    } finally {
      await migrator.destroy();
    }
  },
);

test('promise P03: bare SQL can announce only with directions, ten days and the database’s own moment', async () => {
  const { db } = house.tools;
  const row = {
    version: 'bare',
    document: JSON.stringify(policyOf('bare')),
    digest: '0'.repeat(64),
    notice: 'n',
    response_directions: 'r',
    notice_days: 10,
    country: 'US',
    time_zone: 'UTC',
    actor: 'a',
  };
  const insert = (changes: Partial<Record<keyof typeof row, string | number>>) =>
    db('policy_versions').insert({ ...row, ...changes });
  await expect(insert({ response_directions: ' \n' })).rejects.toMatchObject({ code: '23514' });
  await expect(insert({ notice_days: 9 })).rejects.toMatchObject({ code: '23514' });
  await expect(insert({ version: 'other' })).rejects.toMatchObject({ code: '23514' });
  await expect(insert({ country: 'ZZ' })).rejects.toMatchObject({ code: 'SL032' });
  await expect(insert({ time_zone: 'XXX-170' })).rejects.toMatchObject({ code: 'SL034' });
  await insert({});
  await expect(activateBySql('bare')).rejects.toMatchObject({ code: 'SL031' });
  const bare = (await findPolicyVersions(db)).find(({ version }) => version === 'bare');
  expect(Math.abs((bare?.publishedAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
});

test('promise P03: what is announced within a transaction cannot take effect within it', async () => {
  const { db } = house.tools;
  await expect(
    db.transaction(async (tx) => {
      await tx.raw(`insert into policy_versions
          (version, document, digest, notice, response_directions, notice_days, country, time_zone, actor)
        select 'quick', jsonb_set(document, '{version}', '"quick"'), digest, notice,
          response_directions, 10, country, time_zone, actor from policy_versions limit 1`);
      await tx('policy_activations').insert({ version: 'quick', actor: 'x' });
    }),
  ).rejects.toMatchObject({ code: 'SL031' });
});

test('a version before the one in force, a second activation and an unknown one are refused', async () => {
  await announce('older', 10);
  await announce('newer', 10);
  const inTime = await lastDayInTime(house, { noticeDays: 10 });
  for (const version of ['older', 'newer']) await movePublished(house, version, inTime);
  await activate('newer');
  for (const version of ['older', 'newer']) {
    await expect(activate(version)).rejects.toMatchObject({ kind: { code: 'policy-superseded' } });
  }
  await expect(activateBySql('older')).rejects.toMatchObject({ code: 'SL033' });
  await expect(activate('nowhere')).rejects.toMatchObject({
    kind: { code: 'policy-version-unknown' },
  });
});

test('of two who activate a version at once, one does', async () => {
  await announce('twice', 10);
  await movePublished(house, 'twice', await lastDayInTime(house, { noticeDays: 10 }));
  const outcomes = await Promise.allSettled([activate('twice'), activate('twice')]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('the commands announce and show: every problem of a draft, the notice, the earliest day', async () => {
  const fileOf = (name: string, value: unknown) => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(value));
    return file;
  };
  const good = fileOf('good.json', policyOf('by-command'));
  const bad = fileOf('bad.json', policyOf('bad', { promises: [] }));
  const words = ['--notice', 'It changes.', '--respond', 'Write to us.'];
  expect(await sluice('policy', 'announce', bad, ...words)).toMatchObject({
    code: 1,
    text: expect.stringContaining('/promises'),
  });
  expect(await sluice('policy', 'announce', good, '--notice', 'It changes.')).toMatchObject({
    code: 1,
    text: expect.stringMatching(/how to respond.*promise P03/),
  });
  expect((await sluice('policy', 'announce', good, '--respond', 'Write.')).code).toBe(2);
  expect((await sluice('policy', 'announce', good, ...words, '--days', 'ten')).code).toBe(2);
  const announced = await sluice('policy', 'announce', good, ...words, '--days', '12', '--json');
  expect(announced.code).toBe(0);
  expect(JSON.parse(announced.text)).toMatchObject([
    { version: 'by-command', workingDays: 12, reading: 'other', earliest: expect.any(String) },
  ]);
  const shown = await sluice('policy', 'show');
  expect(shown).toMatchObject({ code: 0, text: expect.stringContaining('Write to us.') });
  expect(shown.text).toContain('P33');
  expect((await sluice('policy', 'show', 'nowhere')).code).toBe(1);
  const one = await sluice('policy', 'show', 'by-command', '--json');
  expect(JSON.parse(one.text)).toMatchObject({ version: 'by-command', effectiveAt: null });
});
