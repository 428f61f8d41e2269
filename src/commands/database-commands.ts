import type { Command } from 'commander';
import { openDatabase, type Connection } from '../platform/database.ts';
import { checkServer } from '../platform/durability.ts';
import { openEmbeddedDatabase } from '../platform/embedded/embedded-database.ts';
import { migrationStatus } from '../platform/migrations.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import { readInstallation, type Installation } from '../platform/settings.ts';
import { bringUpToDate, migrationsFolder } from './bring-up-to-date.ts';
import { failWith, printRows, say, type Printing } from './frame.ts';

const MigrateUrlMissing: RefusalKind = {
  code: 'migrate-url-missing',
  status: 503,
  title: 'DATABASE_MIGRATE_URL is missing.',
};

/** `sluice migrate`: brings the database up to date. */
export function addDatabaseCommands(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to date (as DATABASE_MIGRATE_URL, or the embedded one)')
    .option('--status', 'only say what is applied and what is pending; exit 1 if anything is')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice migrate --status')
    .action(async (options: Printing & { status?: boolean }) => {
      const installation = readInstallation();
      await withMigrator(installation, options.status === true, async (connection) => {
        const db = openDatabase(connection, { max: 1 });
        try {
          await checkServer(db);
          if (options.status !== true) await bringUpToDate(db, installation.settings);
          const { applied, pending, unknown } = await migrationStatus(db, migrationsFolder);
          const rowsOf = (names: readonly string[], status: string) =>
            names.map((migration) => ({ migration, status }));
          printRows(
            [
              ...rowsOf(
                applied.filter((name) => !unknown.includes(name)),
                'applied',
              ),
              ...rowsOf(pending, 'pending'),
              ...rowsOf(unknown, 'unknown to this program'),
            ],
            options,
          );
          if (pending.length + unknown.length > 0) failWith(1);
        } finally {
          await db.destroy();
        }
      });
    });
}

/** Works as the migrator. The status alone can be asked with the app's login. */
export async function withMigrator(
  { connections, settings, stateHome }: Installation,
  isStatusOnly: boolean,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const url = connections.migrator ?? (isStatusOnly ? connections.app : undefined);
  if (url !== undefined) {
    await work(url);
    return;
  }
  if (connections.app !== undefined) {
    throw new Refusal(
      MigrateUrlMissing,
      'With DATABASE_URL, migrating needs DATABASE_MIGRATE_URL: the app’s login owns nothing.',
    );
  }
  const { dataDir } = settings;
  const embedded = await openEmbeddedDatabase({ dataDir, as: 'command', stateHome, say });
  try {
    await work(embedded.logins.migrator);
  } finally {
    await embedded.close();
  }
}
