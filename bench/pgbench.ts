import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readerSession, type Login } from '../src/platform/database.ts';
import type { Run } from './load.ts';
import { afterStart, starts, type SameSql } from './same-sql.ts';

const pgbench = 'pgbench';
const execute = promisify(execFile);

/** Whether this machine has pgbench; the PostgreSQL that the bench brings along has none. */
export async function hasPgbench(): Promise<boolean> {
  return execute(pgbench, ['--version']).then(
    () => true,
    () => false,
  );
}

/**
 * Lets pgbench ask for pages as the reader does: one round trip that begins, names the recipient,
 * runs the prepared statement and commits. New connections are slow at first, so the first second
 * counts for neither rate nor latencies; the CPU time is that of the whole run, connecting included.
 */
export async function runPgbench(
  login: Login,
  sql: SameSql,
  connections: number,
  ms: number,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pgbench-'));
  try {
    writeFileSync(join(folder, 'page.sql'), scriptOf(sql));
    const seconds = 1 + Math.ceil(ms / 1000);
    await execute(
      pgbench,
      [
        ...['--no-vacuum', '--protocol', 'simple', '--file', 'page.sql', '--define', 'ready=0'],
        ...['--client', String(connections), '--time', String(seconds), '--log'],
      ],
      {
        cwd: folder,
        env: {
          ...process.env,
          PGHOST: login.host,
          PGPORT: String(login.port),
          PGUSER: login.user,
          PGPASSWORD: login.password,
          PGDATABASE: login.database,
          PGOPTIONS: optionsOf(readerSession),
        },
      },
    );
    return runOf(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prepares once a connection; then a full page from somewhere in the list. */
function scriptOf({ recipientId, statement, services }: SameSql): string {
  if (/(?<!:):\w/.test(statement.text)) throw new Error('pgbench would replace part of the SQL.');
  const ofServices = services === null ? 'null' : `'{${services.join(',')}}'`;
  const begin = 'begin transaction isolation level repeatable read read only';
  return `\\if :ready = 0
prepare page (uuid, uuid, integer, uuid[]) as ${statement.text};
\\set ready 1
\\endif
\\set at random(${starts.lowest}, ${starts.highest})
${begin}\\; select set_config('app.recipient', '${recipientId}', true)\\; execute page ('${recipientId}', ':at${afterStart}', 101, ${ofServices})\\; commit;
`;
}

/** "set a = b; set c = 'd'" as the options that libpq hands to the server. */
function optionsOf(session: string): string {
  return session
    .split('; ')
    .map((line) => /^set (\w+) = '?(.*?)'?$/.exec(line) ?? [])
    .map(([, name = '', value = '']) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`)
    .join(' ');
}

/** From pgbench's log, a line a transaction: client, number, µs it took, script, end in s, and µs. */
function runOf(folder: string): Run {
  const done = readdirSync(folder)
    .filter((name) => name.startsWith('pgbench_log'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => line.split(' ').map(Number))
    .map(([, , micros = NaN, , s = NaN, us = NaN]) => ({ micros, endedAt: s + us / 1e6 }));
  const ends = done.map(({ endedAt }) => endedAt).toSorted((one, other) => one - other);
  const from = (ends[0] ?? NaN) + 1;
  const counted = done.filter(({ endedAt }) => endedAt >= from);
  return {
    requests: done.length,
    counted: counted.length,
    seconds: (ends.at(-1) ?? NaN) - from,
    latencies: counted.map(({ micros }) => micros / 1000),
  };
}
