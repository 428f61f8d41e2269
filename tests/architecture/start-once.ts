import { rmSync } from 'node:fs';
import startPostgres, { type TestRun } from '../support/start-postgres.ts';
import { announceCluster, theCluster } from '../support/test-cluster.ts';

/**
 * One PostgreSQL for all the test runs of one process, of which there is one per mutant. It stops
 * with the process.
 */
export default async function startOnce(): Promise<void> {
  const { sluiceTestRun } = globalThis as { sluiceTestRun?: TestRun };
  if (sluiceTestRun !== undefined) return;
  await startPostgres();
  // Nobody would read the logs of so many runs.
  const { logFolder = '', ...cluster } = theCluster();
  rmSync(logFolder, { recursive: true });
  announceCluster(cluster);
}
