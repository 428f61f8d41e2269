/** How to log in to the cluster of this test run; handed to the test files by the environment. */
export interface TestCluster {
  readonly superuser: string;
  readonly passwords: Readonly<Record<'sluice_migrator' | 'sluice_app' | 'sluice_reader', string>>;
  readonly template: string;
  /** Where this run's processes write their diagnostic logs, which are read when it ends. */
  readonly logFolder?: string | undefined;
}

const variable = 'SLUICE_TEST_CLUSTER';

export function announceCluster(cluster: TestCluster): void {
  process.env[variable] = JSON.stringify(cluster);
}

export function theCluster(): TestCluster {
  const text = process.env[variable];
  if (text === undefined) throw new Error('Run the tests through jest: it starts the database.');
  return JSON.parse(text) as TestCluster;
}

/** The URL of another login or database on the same server. */
export function urlOf(
  base: string,
  { user, password, database }: { user?: string; password?: string; database?: string },
): string {
  const url = new URL(base);
  if (user !== undefined) url.username = user;
  if (password !== undefined) url.password = password;
  if (database !== undefined) url.pathname = `/${database}`;
  return url.href;
}
