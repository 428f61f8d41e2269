import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { theCluster } from './test-cluster.ts';

/**
 * The most talkative log there is, into a file of this process in the folder of the run; silent in a
 * run that reads none at its end.
 */
export function runLog(): Logger {
  const { logFolder } = theCluster();
  if (logFolder === undefined) return pino({ level: 'silent' });
  const file = join(logFolder, `${String(process.pid)}.ndjson`);
  const write = (line: string) => {
    appendFileSync(file, line);
  };
  return pino({ level: 'debug', base: null }, { write });
}

/** What no log line may hold: secrets, anything that is signed, and the tests' people. */
const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a token, a secret or a key', /sl[tsk]_[A-Za-z0-9_-]{20,}/],
  ['a signed text', /eyJ[A-Za-z0-9_-]{8,}\.eyJ/],
  ['an encrypted cookie', /eyJ[A-Za-z0-9_-]{8,}\.\./],
  ['an e-mail address', /[\w.+-]+@[\w-]+\.(test|example|com|org)\b/],
  ['a name of a customer', /"(Person|Billing) [a-z]*\d/],
  ['a database password', /postgres(ql)?:\/\/[^\s:@/]+:[^\s@/]+@/],
];

/** What a line of the log holds that it may not. */
export function findForbidden(line: string): string | undefined {
  return forbidden.find(([, pattern]) => pattern.test(line))?.[0];
}

/** Reads the logs of the whole run and takes them away; throws where one holds what it may not. */
export function checkLogs(folder: string): void {
  const found = new Set<string>();
  for (const name of readdirSync(folder)) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const what = findForbidden(line);
      if (what !== undefined) found.add(`${what}: ${line.slice(0, 500)}`);
    }
  }
  rmSync(folder, { recursive: true, force: true });
  if (found.size === 0) return;
  throw new Error(`Log lines of this run hold what no log may:\n${[...found].join('\n')}`);
}
