import { mkdtempSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { checkLogs } from '../support/run-logs.ts';

/** The logs of a run in which one more thing was logged. */
function logsWith(more: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-logs-'));
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => lines.push(line) });
  log.info({ tokenId: 'tok_AAAAAAAAAAAAAAAAAAAAAA', clientId: 'cli_A' }, 'token issued');
  log.error({ fault: 'Error', stack: 'Error: It broke.\n    at file.ts:1:1' }, 'fault');
  log.info(more, 'more');
  writeFileSync(join(folder, '1.ndjson'), lines.join(''));
  return folder;
}

test('the logs of a run are read when it ends, and taken away', () => {
  const folder = logsWith({});
  checkLogs(folder);
  expect(existsSync(folder)).toBe(false);
});

test.each<[string, Record<string, unknown>]>([
  ['a token', { token: `slt_${'aB3-_'.repeat(9)}` }],
  ['a secret in a stack', { stack: `Error: sls_${'aB3-_'.repeat(9)}\n    at x` }],
  ['a staff key', { headers: { authorization: `Bearer slk_${'aB3-_'.repeat(9)}` } }],
  ['an assertion or proof', { form: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA' }],
  ['a click cookie', { cookie: '__Host-sluice-click=eyJhbGciOiJkaXIifQ..aaaa.bbbb.cccc' }],
  ['a customer’s e-mail address', { detail: 'Key (email)=(c1@example.test)' }],
  ['a customer’s name', { contact: { name: 'Person c1' } }],
  ['a database’s password', { url: 'postgres://sluice_app:word@localhost/sluice' }],
])('a run that logged %s fails', (_what, more) => {
  expect(() => {
    checkLogs(logsWith(more));
  }).toThrow('hold what no log may');
});
