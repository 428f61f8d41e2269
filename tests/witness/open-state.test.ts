import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keyLine, parseKeyLine } from '../../src/witness/index.ts';
import { testLog } from './logs.ts';
import { reopenWitness } from './open-witness.ts';
import { isCosigned } from './witness-process.ts';

const log = testLog();
const name = createHash('sha256').update(log.origin).digest('hex');
let folder: string;
let home: { keyFile: string; state: string; vkey: string };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-witness-'));
  home = newHome('w1');
  expect(await cosigns(0, 3)).toBe(true);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function newHome(called: string) {
  const keyFile = join(folder, `${called}.key`);
  const line = keyLine(called, createHash('sha256').update(called).digest());
  writeFileSync(keyFile, line);
  return { keyFile, state: join(folder, called), vkey: parseKeyLine(line)!.verifierKey };
}

/** Opens the witness, asks once and closes it. */
async function cosigns(from: number, size: number, at = home) {
  const witness = await reopenWitness(at, log.vkey);
  const answer = await witness.ask(log.asks(from, size));
  await witness.close();
  return isCosigned(answer, log.note(size), at.vkey);
}

const refusesWith = async (why: RegExp, at = home) => {
  await expect(reopenWitness(at, log.vkey)).rejects.toMatchObject({
    kind: { code: 'witness-state-lost' },
    message: expect.stringMatching(why),
  });
  await expect(reopenWitness(at, log.vkey)).rejects.toThrow(/Give back the very files/);
};
const inState = (file: string) => join(home.state, file);
const edit = (file: string, from: string, to: string) => {
  writeFileSync(inState(file), readFileSync(inState(file), 'utf8').replace(from, to));
};

test.each<readonly [what: string, why: RegExp, damage: () => void]>([
  [
    'folder is gone',
    /is not where this key has its state/,
    () => {
      rmSync(home.state, { recursive: true });
    },
  ],
  [
    'register is gone',
    /is not where this key has its state/,
    () => {
      rmSync(inState('witness.json'));
    },
  ],
  [
    'register is damaged',
    /witness\.json is damaged/,
    () => {
      writeFileSync(inState('witness.json'), '{"v":1');
    },
  ],
  [
    'register is another thing',
    /witness\.json is damaged/,
    () => {
      edit('witness.json', '"v": 1', '"v": 2');
    },
  ],
  [
    'register has another id',
    /is not where this key has its state/,
    () => {
      edit('witness.json', '"id": "', '"id": "0');
    },
  ],
  [
    'log’s file is gone',
    /The state of log\.example\/head, .* is missing/,
    () => {
      rmSync(inState(name));
    },
  ],
  [
    'log’s file is empty',
    /is damaged/,
    () => {
      writeFileSync(inState(name), '');
    },
  ],
  [
    'log’s file says another size',
    /is damaged/,
    () => {
      edit(name, '\n3\n', '\n2\n');
    },
  ],
  [
    'log’s file has lost the cosignature',
    /is damaged/,
    () => {
      writeFileSync(inState(name), log.note(3));
    },
  ],
  [
    'key’s companion and register are gone',
    /witness\.json is missing/,
    () => {
      rmSync(inState('witness.json'));
      rmSync(`${home.keyFile}.state`);
    },
  ],
])('a witness does not start anew where its %s', async (_what, why, damage) => {
  const whole = join(folder, 'whole');
  cpSync(home.state, whole, { recursive: true });
  const companion = readFileSync(`${home.keyFile}.state`);
  damage();
  await refusesWith(why);
  rmSync(home.state, { recursive: true });
  cpSync(whole, home.state, { recursive: true });
  writeFileSync(`${home.keyFile}.state`, companion);
  expect(await cosigns(3, 5)).toBe(true);
});

test('a key that lost its companion gets it back from its folder', async () => {
  const companion = `${home.keyFile}.state`;
  renameSync(companion, `${companion}-away`);
  expect(await cosigns(3, 5)).toBe(true);
  expect(readFileSync(companion)).toEqual(readFileSync(`${companion}-away`));
});

test('one key has one state, and one state one key', async () => {
  const other = newHome('w2');
  expect(await cosigns(0, 3, other)).toBe(true);
  await refusesWith(/is the state of w1\+/, { ...other, state: home.state });
  await refusesWith(/is not where this key has its state/, { ...home, state: join(folder, 'new') });
  rmSync(join(other.state, 'witness.json'));
  cpSync(inState('witness.json'), join(other.state, 'witness.json'));
  await refusesWith(/is the state of w1\+/, other);
});

test('a state is one opener’s at a time, and nothing is left behind but the state', async () => {
  const witness = await reopenWitness(home, log.vkey);
  await expect(reopenWitness(home, log.vkey)).rejects.toMatchObject({
    kind: { code: 'witness-state-held' },
  });
  await witness.close();
  expect(readdirSync(home.state).sort()).toEqual([name, 'gate', 'witness.json'].sort());
});

test('a record that was on disk before its log was named is the record', async () => {
  edit('witness.json', '"log.example/head"', '');
  expect(await cosigns(0, 5)).toBe(false);
  expect(await cosigns(3, 5)).toBe(true);
});
