import startPostgres, { type TestRun } from '../support/start-postgres.ts';

/**
 * One PostgreSQL for all the test runs of one process, of which there is one per mutant. It stops
 * with the process.
 */
export default async function startOnce(): Promise<void> {
  const { sluiceTestRun } = globalThis as { sluiceTestRun?: TestRun };
  if (sluiceTestRun === undefined) await startPostgres();
}
