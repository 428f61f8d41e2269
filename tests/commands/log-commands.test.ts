import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { runProgram } from '../../src/commands/frame.ts';
import { addLogCommands } from '../../src/commands/log-commands.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { logKeys, proveDisclosure } from '../../src/publication/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse } from '../support/house.ts';

let folder: string;
let key: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  const house = await openHouse();
  const recipientId = await givenLog(house.tools);
  const disclosure = givenDisclosure(recipientId, { size: 3 });
  const appended = await appendDisclosure(house.tools, disclosure);
  const id = appended.appended ? appended.id : '';
  const proof = await proveDisclosure(house.tools, { recipientId, id });
  await writeFile(file('proof'), proof.text);
  await writeFile(file('body'), disclosure.body);
  await writeFile(file('other'), '{"data":[]}');
  await writeFile(file('binary'), Buffer.of(0xff, 0xfe));
  key = (await logKeys(house.tools))[0] ?? '';
  await house.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The exit code of `sluice log verify --offline` with these words; the database is closed by now. */
const exitOf = (...words: readonly string[]) => exitOfVerify('--offline', ...words);

async function exitOfVerify(...words: readonly string[]): Promise<unknown> {
  const program = new Command('sluice').exitOverride();
  addLogCommands(program);
  process.exitCode = 0;
  await runProgram(program, ['node', 'sluice', 'log', 'verify', ...words]);
  const code = process.exitCode;
  process.exitCode = 0;
  return code;
}

test('a proof is verified without server and database', async () => {
  const words = ['--proof', file('proof'), '--key', key];
  expect(await exitOf(...words)).toBe(0);
  expect(await exitOf(...words, '--body', file('body'))).toBe(0);
  expect(await exitOf(...words, '--body', file('body'), '--json')).toBe(0);
});

test('what does not hold or cannot be read ends with 1', async () => {
  const words = ['--proof', file('proof'), '--key', key];
  expect(await exitOf(...words, '--body', file('other'))).toBe(1);
  expect(await exitOf(...words, '--entry', file('other'))).toBe(1);
  expect(await exitOf('--proof', file('body'), '--key', key)).toBe(1);
  expect(await exitOf('--proof', file('binary'), '--key', key)).toBe(1);
  expect(await exitOf('--proof', file('absent'), '--key', key)).toBe(1);
});

test('a proof without its key, and what is for one proof without --offline, is misuse', async () => {
  expect(await exitOf('--proof', file('proof'))).toBe(2);
  for (const option of ['proof', 'body', 'key', 'entry', 'salt']) {
    expect([option, await exitOfVerify(`--${option}`, file('proof'))]).toEqual([option, 2]);
  }
});
