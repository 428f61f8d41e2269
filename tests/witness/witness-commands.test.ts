import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { parseCosignerKey } from '../../src/transparency/index.ts';
import { builtMain } from '../support/build.ts';
import { endChildren } from '../support/child.ts';
import { runCommand } from '../support/run-command.ts';
import { testLog } from './logs.ts';
import { isCosigned, openWitnessHome, type WitnessHome } from './witness-process.ts';

jest.setTimeout(60_000);
const log = testLog();
const main = builtMain();
let home: WitnessHome;
beforeEach(async () => {
  home = await openWitnessHome();
});
afterEach(() => {
  endChildren();
  home.close();
});
afterAll(endChildren);

const sluice = (...words: string[]) => runCommand(words, {});

/** Runs a witness until it has cosigned this, and stops it. */
async function cosignOnce(from: number, size: number) {
  const witness = await home.start(main, log.vkey);
  const answer = await witness.ask(log.asks(from, size));
  witness.child.process.kill('SIGTERM');
  expect(await witness.child.ended()).toBe(0);
  return isCosigned(answer, log.note(size), home.vkey);
}

test('a key is made once, for its owner alone, and a witness runs with it', async () => {
  expect(parseCosignerKey(home.vkey)).toMatchObject({ name: 'witness.example/w1' });
  expect(statSync(home.keyFile).mode & 0o777).toBe(0o600);
  const before = readFileSync(home.keyFile);
  const again = await sluice(
    'witness',
    'key',
    '--name',
    'witness.example/w1',
    '--out',
    home.keyFile,
  );
  expect(again).toEqual({ code: 1, text: expect.stringContaining('there is a file already') });
  expect(readFileSync(home.keyFile)).toEqual(before);
  const witness = await home.start(main, log.vkey);
  expect(witness.child.text()).toBe(
    `Witness witness.example/w1 listens on ${witness.url}.\n${home.vkey}\n`,
  );
  expect(isCosigned(await witness.ask(log.asks(0, 3)), log.note(3), home.vkey)).toBe(true);
  witness.child.process.kill('SIGTERM');
  expect(await witness.child.ended()).toBe(0);
  expect(await cosignOnce(3, 5)).toBe(true);
});

test('no two processes share a state, and one that was killed is passed by', async () => {
  const first = await home.start(main, log.vkey);
  const second = await sluice(...home.words(log.vkey));
  expect(second.code).toBe(1);
  expect(second.text).toMatch(/^sluice: Process \d+ uses .*\(witness-state-held\)\n$/);
  // It took nothing from the first.
  expect(isCosigned(await first.ask(log.asks(0, 3)), log.note(3), home.vkey)).toBe(true);
  first.child.process.kill('SIGKILL');
  await first.child.ended();
  expect(await cosignOnce(3, 5)).toBe(true);
});

test('a state that is gone is refused, and said what to do', async () => {
  expect(await cosignOnce(0, 3)).toBe(true);
  rmSync(home.state, { recursive: true });
  const { code, text } = await sluice(...home.words(log.vkey));
  expect(code).toBe(1);
  expect(text).toMatch(/^sluice: .* Give back the very files .*\(witness-state-lost\)\n$/);
});

test('what is no witness’s is refused in one sentence', async () => {
  const [key, state] = [
    ['--key', home.keyFile],
    ['--state', home.state],
  ];
  const follow = ['--log', log.vkey];
  for (const [words, code, why] of [
    [[], 2, /--key is needed/],
    [key, 2, /--state is needed/],
    [[...key, ...state], 2, /--log is needed/],
    [[...key, ...state, '--log', home.vkey], 2, /is no verifier key of a log/],
    [[...key, ...state, ...follow, '--port', '65536'], 2, /--port/],
    [
      [...key, ...state, ...follow, '--name', 'other'],
      1,
      /is the key of .*w1, not of other.*\(witness-key\)/,
    ],
    [['--key', 'nowhere', ...state, ...follow], 1, /can't be read.*\(file-unreadable\)/],
    [['key', '--name', 'a b', '--out', join(home.folder, 'x')], 2, /--name/],
    [['key', '--name', 'a'], 2, /--out/],
  ] as const) {
    const refused = await sluice('witness', ...words);
    expect([refused.code, refused.text]).toEqual([code, expect.stringMatching(why)]);
  }
  chmodSync(home.keyFile, 0o644);
  const seen = await sluice('witness', ...key, ...state, ...follow);
  expect(seen).toEqual({ code: 1, text: expect.stringMatching(/must be 0600\. \(witness-key\)/) });
  chmodSync(home.keyFile, 0o600);
  writeFileSync(home.keyFile, 'PRIVATE+KEY+w1\n');
  const none = await sluice('witness', ...key, ...state, ...follow);
  expect(none).toEqual({ code: 1, text: expect.stringMatching(/is no key of a witness/) });
});
