import { rmSync } from 'node:fs';
import { openDatabase } from '../../src/platform/database.ts';
import { checkLogs } from './run-logs.ts';
import type { TestRun } from './start-postgres.ts';

export default async function stopPostgres(): Promise<void> {
  const run = (globalThis as { sluiceTestRun?: TestRun }).sluiceTestRun;
  if (run === undefined) return;
  try {
    checkLogs(run.cluster.logFolder);
  } finally {
    await stop(run);
  }
}

async function stop(run: TestRun): Promise<void> {
  if (run.embedded !== undefined) {
    await run.embedded.close();
    rmSync(run.folder ?? '', { recursive: true, force: true });
    return;
  }
  const admin = openDatabase(run.cluster.superuser, { max: 1 });
  await admin.raw('drop database if exists ?? with (force)', [run.cluster.template]);
  await admin.destroy();
}
