import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Command } from 'commander';
import request from 'supertest';
import { drawAccounting } from '../../src/accounting/index.ts';
import { runProgram } from '../../src/commands/frame.ts';
import { writePrivateLines } from '../../src/commands/files.ts';
import { addLogCommands } from '../../src/commands/log-commands.ts';
import { createGateway } from '../../src/gateway.ts';
import { logKeys } from '../../src/publication/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { givenPartner, givenSharedCustomer, givenToken } from '../support/given.ts';
import { openHouse, testClock } from '../support/house.ts';

let folder: string;
let key: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-accounting-'));
  const clock = testClock();
  const house = await openHouse({ clock });
  const gateway = createGateway(house.tools);
  const bright = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  const token = await givenToken(gateway, bright);
  await request(gateway).get('/v1/customers').set('Authorization', `Bearer ${token}`);
  clock.advance(86_400_000);
  const ask = { customer: 'ada', customerId: customerIdOf('ada') };
  await writePrivateLines(file('ada'), drawAccounting(house.tools, ask));
  await writeFile(file('other'), '{"data":[]}');
  key = (await logKeys(house.tools))[0] ?? '';
  await house.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function exitOf(...words: readonly string[]): Promise<unknown> {
  const program = new Command('sluice').exitOverride();
  addLogCommands(program);
  process.exitCode = 0;
  await runProgram(program, ['node', 'sluice', 'log', ...words]);
  const code = process.exitCode;
  process.exitCode = 0;
  return code;
}

test('an accounting is its owner’s alone, and verifies without server and database', async () => {
  expect((await stat(file('ada'))).mode & 0o777).toBe(0o600);
  const words = ['verify', '--offline', '--accounting', file('ada'), '--key', key];
  expect(await exitOf(...words)).toBe(0);
  expect(await exitOf(...words, '--json')).toBe(0);
});

test('what does not hold ends with 1, and what does not go together is misuse', async () => {
  const verify = ['verify', '--offline', '--key', key];
  expect(await exitOf(...verify, '--accounting', file('other'))).toBe(1);
  expect(await exitOf(...verify, '--accounting', file('absent'))).toBe(1);
  expect(await exitOf(...verify, '--accounting', file('ada'), '--body', file('other'))).toBe(2);
  expect(await exitOf('verify', '--accounting', file('ada'))).toBe(2);
  expect(await exitOf('verify', '--offline', '--accounting', file('ada'))).toBe(2);
});

test('nobody is erased by a slip', async () => {
  expect(await exitOf('erase', '--customer', 'ada', '--reason', 'test')).toBe(2);
});
