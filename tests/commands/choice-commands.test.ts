import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { runCommand } from '../support/run-command.ts';
import { givenPartner, givenSharedCustomer } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(60_000);
let house: House;
const folder = mkdtempSync(join(tmpdir(), 'sluice-choices-'));
chmodSync(folder, 0o755);

beforeAll(async () => {
  house = await openHouse();
  const { partner } = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, partner, 'ada');
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

function choice(...words: string[]) {
  return runCommand(['choice', ...words], {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: folder,
    SLUICE_LOG_LEVEL: 'silent',
  });
}

const ada = ['--customer', 'ada'];
const bright = ['--partner', 'brightside'];

test('a choice is set and listed: what stands, then the history', async () => {
  expect(await choice('list', ...ada)).toEqual({
    code: 0,
    text:
      'partner  choice  sharing\nall              allowed\n\n' +
      'The customer has made no choice yet.\n',
  });
  const set = await choice('set', ...ada, '--all', '--sharing', 'refused', '--json');
  expect([set.code, JSON.parse(set.text)]).toEqual([
    0,
    [{ partner: 'all', choice: 'refused', sharing: 'refused' }],
  ]);
  const one = ['set', ...ada, ...bright, '--sharing', 'refused', '--evidence', 'a letter'];
  expect((await choice(...one)).code).toBe(0);
  const again = await choice(...one);
  expect(again).toEqual({
    code: 1,
    text:
      'sluice: The customer has refused sharing with this partner already. ' +
      '(invalid-choice, at sharing)\n',
  });
  await choice('set', ...ada, '--all', '--sharing', 'allowed');
  const told = await choice('list', ...ada, '--json');
  expect(JSON.parse(told.text)).toMatchObject({
    standing: [
      { partner: null, choice: 'allowed', sharing: 'allowed' },
      { partner: 'brightside', choice: 'refused', sharing: 'refused' },
    ],
    history: [
      { sequence: 1, partner: null, sharing: 'refused' },
      { sequence: 2, partner: 'brightside', sharing: 'refused', evidence: 'a letter' },
      { sequence: 3, partner: null, sharing: 'allowed', actor: 'operator' },
    ],
  });
  const { text } = await choice('list', ...ada);
  expect(text.split('\n').map((line) => line.trim().split(/ {2,}/)[1])).toEqual([
    ...['choice', 'allowed', 'refused', undefined],
    ...['partner', 'all', 'brightside', 'all', undefined],
  ]);
});

test('bad words are misuse, and what cannot be is refused', async () => {
  const set = (...words: string[]) => choice('set', ...ada, '--sharing', 'refused', ...words);
  expect(await set()).toEqual({ code: 2, text: 'sluice: Say --partner KEY or --all. (misuse)\n' });
  expect((await set('--all', ...bright)).code).toBe(2);
  expect((await choice('set', ...ada, '--all')).code).toBe(2);
  for (const [words, code] of [
    [[...ada, '--all', '--sharing', 'perhaps'], 'invalid-choice, at sharing'],
    [[...ada, '--all', '--sharing', 'refused', '--at', '2999-01-01'], 'invalid-choice, at at'],
    [[...ada, '--partner', 'nobody', '--sharing', 'refused'], 'unknown-partner'],
    [['--customer', 'nobody', '--all', '--sharing', 'refused'], 'unknown-customer'],
  ] as const) {
    const refused = await choice('set', ...words);
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining(`(${code}`)]);
  }
  expect((await choice('list', '--customer', 'nobody')).code).toBe(1);
});
