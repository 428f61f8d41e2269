import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeKeys } from '../../src/platform/keys.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import {
  readInstallation,
  readSettings,
  SettingsRefused,
  type Environment,
} from '../../src/platform/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-settings-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let count = 0;
const newFolder = () => join(folder, String((count += 1)));

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof SettingsRefused) return error.problems;
    throw error;
  }
  return [];
}

test('without anything in the environment the defaults hold', () => {
  const { settings, connections } = readInstallation({});
  expect(settings).toMatchObject({
    origin: 'http://127.0.0.1:8080',
    host: '127.0.0.1',
    port: 8080,
    timeZone: 'UTC',
    tokenLifetimeSeconds: 600,
    logLevel: 'info',
  });
  expect(settings.dataDir).toBe(join(process.cwd(), 'data'));
  expect(connections).toEqual({ app: undefined, reader: undefined, migrator: undefined });
});

test('settings are frozen, keys included', () => {
  const { settings } = readSettings(systemRandomness, { SLUICE_DATA_DIR: newFolder() });
  expect(Object.isFrozen(settings)).toBe(true);
  expect(Object.isFrozen(settings.keys)).toBe(true);
});

const secret = 'hunter2hunter2';
const wrong: readonly (readonly [name: string, value: string])[] = [
  ['PORT', '65536'],
  ['HOST', 'a b'],
  ['SLUICE_ORIGIN', 'https://example.com/'],
  ['SLUICE_TIME_ZONE', 'Mars/Phobos'],
  ['SLUICE_TOKEN_LIFETIME_SECONDS', '5'],
  ['SLUICE_LOG_LEVEL', 'loud'],
  ['DATABASE_MIGRATE_URL', `mysql://x:${secret}@h/d`],
  ['DATABASE_URL', `postgres://x:${secret}@h/d`],
  ['SLUICE_PASSWORD', secret],
];

test('every problem is reported at once, each by its name, and no value of a secret', () => {
  fc.assert(
    fc.property(fc.subarray([...wrong], { minLength: 1 }), (chosen) => {
      const environment: Environment = Object.fromEntries(chosen);
      const problems = problemsOf(() => readInstallation(environment));
      expect(problems).toHaveLength(chosen.length);
      for (const [name] of chosen) {
        expect(problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1);
      }
      expect(problems.join()).not.toContain(secret);
    }),
  );
});

test('DATABASE_URL and DATABASE_READER_URL go together, and the migrator’s may stand alone', () => {
  const url = 'postgres://a:b@h/d';
  const isRefused = (environment: Environment) =>
    problemsOf(() => readInstallation(environment)).length > 0;
  expect(isRefused({ DATABASE_URL: url })).toBe(true);
  expect(isRefused({ DATABASE_READER_URL: url })).toBe(true);
  expect(isRefused({ DATABASE_URL: url, DATABASE_READER_URL: url })).toBe(false);
  expect(isRefused({ DATABASE_MIGRATE_URL: url })).toBe(false);
});

const proxy = { SLUICE_TRUSTED_PROXIES: '10.0.0.5' };
const files = { SLUICE_TLS_CERT_FILE: 'cert.pem', SLUICE_TLS_KEY_FILE: 'key.pem' };

test('listening on every address needs an origin', () => {
  expect(problemsOf(() => readInstallation({ HOST: '0.0.0.0', ...proxy }))).toHaveLength(1);
  const given = { HOST: '0.0.0.0', SLUICE_ORIGIN: 'https://share.example', ...proxy };
  expect(readInstallation(given).settings.origin).toBe('https://share.example');
  expect(readInstallation({ HOST: '::1' }).settings.origin).toBe('http://[::1]:8080');
});

test.each(['0.0.0.0', '10.1.2.3', '::', 'gateway.internal'])(
  'listening on %s in clear, with no proxy named, is refused at the start',
  (HOST) => {
    const open = { HOST, SLUICE_ORIGIN: 'https://share.example' };
    const [problem, ...others] = problemsOf(() => readInstallation(open));
    expect([others, problem]).toEqual([[], expect.stringMatching(/^HOST is not a loopback/)]);
    expect(readInstallation({ ...open, ...files }).settings.tls).toBeDefined();
    expect(readInstallation({ ...open, ...proxy }).settings.trustedProxies).toEqual([
      '10.0.0.5/32',
    ]);
  },
);

test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s needs no TLS', (HOST) => {
  expect(readInstallation({ HOST }).settings.tls).toBeUndefined();
});

test('with TLS the origin is https, by default the address with its port', () => {
  expect(readInstallation(files).settings.origin).toBe('https://127.0.0.1:8080');
  expect(readInstallation({ ...files, PORT: '443' }).settings.origin).toBe('https://127.0.0.1');
  const clear = { ...files, SLUICE_ORIGIN: 'http://share.example' };
  expect(problemsOf(() => readInstallation(clear))).toEqual([
    'SLUICE_ORIGIN must be https, because the gateway has TLS.',
  ]);
});

test.each<[Environment, RegExp]>([
  [{ SLUICE_TLS_CERT_FILE: 'a' }, /SLUICE_TLS_KEY_FILE is not: they go together/],
  [{ SLUICE_TLS_KEY_FILE: 'a' }, /SLUICE_TLS_CERT_FILE is not: they go together/],
  [{ SLUICE_MTLS_PORT: '8443' }, /SLUICE_MTLS_PORT needs SLUICE_TLS_CERT_FILE/],
  [{ ...files, SLUICE_MTLS_PORT: '8080' }, /SLUICE_MTLS_PORT must be another than PORT/],
  [{ SLUICE_CLIENT_CERT_HEADER: 'trusted' }, /SLUICE_CLIENT_CERT_HEADER needs SLUICE_TRUSTED/],
  [{ SLUICE_TRUSTED_PROXIES: '10.0.0.5/8' }, /SLUICE_TRUSTED_PROXIES is wrong/],
])('what does not go together is told: %j', (environment, sentence) => {
  expect(problemsOf(() => readInstallation(environment))).toEqual([
    expect.stringMatching(sentence),
  ]);
});

test('keys are made once, 32 bytes each, for their owner alone, and stay', () => {
  const SLUICE_DATA_DIR = newFolder();
  const first = readSettings(systemRandomness, { SLUICE_DATA_DIR }).settings.keys;
  const again = readSettings(systemRandomness, { SLUICE_DATA_DIR }).settings.keys;
  expect(again).toEqual(first);
  expect(new Set([first.pairwise, first.cursor, first.log].map(String)).size).toBe(3);
  for (const name of ['pairwise', 'cursor', 'log']) {
    const { size, mode } = statSync(join(SLUICE_DATA_DIR, 'keys', name));
    expect([size, mode & 0o777]).toEqual([32, 0o600]);
  }
});

test('nothing is made while a setting is wrong', () => {
  const SLUICE_DATA_DIR = newFolder();
  problemsOf(() => readSettings(systemRandomness, { SLUICE_DATA_DIR, PORT: 'x' }));
  expect(statSync(SLUICE_DATA_DIR, { throwIfNoEntry: false })).toBeUndefined();
});

test('a key that is lost, short or open to others is refused, and never made anew', () => {
  const SLUICE_KEYS_DIR = newFolder();
  makeKeys(SLUICE_KEYS_DIR, systemRandomness);
  rmSync(join(SLUICE_KEYS_DIR, 'pairwise'));
  writeFileSync(join(SLUICE_KEYS_DIR, 'cursor'), 'short');
  chmodSync(join(SLUICE_KEYS_DIR, 'log'), 0o644);
  const problems = problemsOf(() => readSettings(systemRandomness, { SLUICE_KEYS_DIR }));
  expect(problems).toEqual([
    expect.stringMatching(/pairwise is missing: .* change every id/),
    expect.stringMatching(/cursor has 5 bytes/),
    expect.stringMatching(/log can be read by others/),
  ]);
});

test('a folder of keys that is not there is named, and nothing is made in its place', () => {
  const SLUICE_KEYS_DIR = newFolder();
  expect(problemsOf(() => readSettings(systemRandomness, { SLUICE_KEYS_DIR }))).toEqual([
    `The folder of the keys, ${SLUICE_KEYS_DIR}, is missing: restore it from a backup.`,
  ]);
});

test('two first starts at once agree on the keys', () => {
  const keys = newFolder();
  makeKeys(keys, systemRandomness);
  const first = readFileSync(join(keys, 'log'));
  makeKeys(keys, systemRandomness);
  expect(readFileSync(join(keys, 'log'))).toEqual(first);
});
