import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { makeKeys, readKeys, rotateLogKey } from '../../src/platform/keys.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
afterAll(() => {
  rmSync(home, { recursive: true });
});

function givenFolder(name: string): string {
  const folder = join(home, name);
  makeKeys(folder, systemRandomness);
  return folder;
}
const read = (folder: string) => {
  const problems: string[] = [];
  return { keys: readKeys(folder, problems), problems };
};

test('after each rotation the key of the logs is new, and those before are kept, the latest first', () => {
  const folder = givenFolder('rotated');
  const seen: Uint8Array[] = [readFileSync(join(folder, 'log'))];
  for (let round = 1; round <= 12; round += 1) {
    rotateLogKey(folder, systemRandomness);
    const { keys, problems } = read(folder);
    expect(problems).toEqual([]);
    expect(keys?.formerLogs).toEqual(seen.toReversed());
    expect(seen.some((one) => keys?.log.equals(one))).toBe(false);
    seen.push(keys!.log);
  }
  for (const name of readdirSync(folder)) {
    expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
});

test('a rotation that broke off after the old key was kept leaves the old key, once', () => {
  const folder = givenFolder('broken-off');
  const log = readFileSync(join(folder, 'log'));
  writeFileSync(join(folder, 'log.1'), log, { mode: 0o600 });
  writeFileSync(join(folder, 'log.new'), 'half', { mode: 0o600 });
  expect(read(folder)).toMatchObject({ keys: { log, formerLogs: [] }, problems: [] });
  rotateLogKey(folder, systemRandomness);
  const { keys } = read(folder);
  expect(keys?.formerLogs.every((one) => one.equals(log))).toBe(true);
  expect(keys?.log.equals(log)).toBe(false);
});

test('a rotation that broke off while the old key was being kept leaves the old key, and goes on', () => {
  const folder = givenFolder('broken-early');
  const log = readFileSync(join(folder, 'log'));
  writeFileSync(join(folder, 'log.1.new'), '', { mode: 0o600 });
  expect(read(folder)).toMatchObject({ keys: { log, formerLogs: [] }, problems: [] });
  rotateLogKey(folder, systemRandomness);
  expect(read(folder)).toMatchObject({ keys: { formerLogs: [log] }, problems: [] });
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('the old key is kept under its name only once it is whole', () => {
  const folder = givenFolder('unwritable');
  mkdirSync(join(folder, 'log.1.new'));
  expect(() => {
    rotateLogKey(folder, systemRandomness);
  }).toThrow();
  expect(readdirSync(folder)).not.toContain('log.1');
});

test('a former key that is damaged or open to others is a problem, like any other', () => {
  const folder = givenFolder('damaged');
  rotateLogKey(folder, systemRandomness);
  writeFileSync(join(folder, 'log.2'), 'short', { mode: 0o600 });
  expect(read(folder)).toEqual({
    keys: undefined,
    problems: [expect.stringContaining('log.2 has 5 bytes')],
  });
});
