import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/platform/database.ts';
import { checkServer } from '../../src/platform/durability.ts';
import {
  openEmbeddedDatabase,
  type EmbeddedDatabase,
} from '../../src/platform/embedded/embedded-database.ts';
import { prepareDatabase, prepareRoles } from '../../src/platform/embedded/roles.ts';
import { builtMain } from './build.ts';
import { startNode } from './child.ts';
import stopPostgres from './stop-postgres.ts';
import { announceCluster, urlOf, type TestCluster } from './test-cluster.ts';

/** What the teardown has to undo. */
export interface TestRun {
  readonly folder?: string;
  readonly embedded?: EmbeddedDatabase;
  readonly cluster: TestCluster & { readonly logFolder: string };
}

/**
 * One PostgreSQL for the whole run with one migrated template; each test file gets a copy. With
 * SLUICE_TEST_DATABASE_URL (a superuser's URL) the server there is used, else the embedded one.
 */
export default async function startPostgres(): Promise<void> {
  const given = process.env['SLUICE_TEST_DATABASE_URL'];
  const started = given === undefined ? await startEmbedded() : { superuser: given };
  const password = () => randomBytes(18).toString('base64url');
  const cluster = {
    superuser: started.superuser,
    passwords: {
      sluice_migrator: password(),
      sluice_app: password(),
      sluice_reader: password(),
    },
    template: `sluice_template_${randomBytes(6).toString('hex')}`,
    logFolder: mkdtempSync(join(tmpdir(), 'sluice-logs-')),
  };
  (globalThis as { sluiceTestRun?: TestRun }).sluiceTestRun = { ...started, cluster };
  try {
    await makeTemplate(cluster);
  } catch (error) {
    await stopPostgres();
    throw error;
  }
  announceCluster(cluster);
}

async function startEmbedded() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  chmodSync(folder, 0o755);
  const embedded = await openEmbeddedDatabase({
    dataDir: folder,
    as: 'server',
    settings: {
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      max_connections: '300',
    },
  });
  stopWithThisRun(folder);
  const { host, user, password } = embedded.logins.superuser;
  const base = `postgres://localhost:5432/postgres?host=${encodeURIComponent(host)}`;
  return { folder, embedded, superuser: urlOf(base, { user, password }) };
}

/** A run that is killed has no teardown: a shell waits for its end, and stops PostgreSQL then. */
function stopWithThisRun(folder: string): void {
  const script = `
    while kill -0 "$1" 2>/dev/null; do sleep 2; done
    pidfile="$2/database/cluster/postmaster.pid"
    if [ -f "$pidfile" ]; then kill -INT "$(head -n 1 "$pidfile")"; sleep 3; fi
    rm -rf "$2"`;
  spawn('/bin/sh', ['-c', script, 'sh', String(process.pid), folder], {
    detached: true,
    stdio: 'ignore',
  }).unref();
}

async function makeTemplate({ superuser, passwords, template }: TestCluster): Promise<void> {
  const admin = openDatabase(superuser, { max: 1 });
  await checkServer(admin);
  await prepareRoles(
    admin,
    Object.entries(passwords).map(([user, password]) => ({ user, password })),
  );
  await prepareDatabase(admin, template);
  await admin.destroy();
  const login = {
    user: 'sluice_migrator',
    password: passwords.sluice_migrator,
    database: template,
  };
  const migrate = startNode([builtMain(), 'migrate'], {
    DATABASE_MIGRATE_URL: urlOf(superuser, login),
  });
  if ((await migrate.ended()) !== 0) throw new Error(`No template: ${migrate.text()}`);
}
