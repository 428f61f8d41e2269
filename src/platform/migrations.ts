import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { Refusal, type RefusalKind } from './refusal.ts';

export const DatabaseAhead: RefusalKind = {
  code: 'database-ahead',
  status: 503,
  title: 'The database is ahead of this program.',
};

/** Names of migrations, without the extension. */
export interface MigrationStatus {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  /** Applied, but not among the files of this program: the database is ahead. */
  readonly unknown: readonly string[];
}

/**
 * Applies the pending migrations of the folder (NNNN-what.sql, forward only) in one transaction, as
 * sluice_owner, so `db` logs in as a member of that role. Two callers at once: the second waits and
 * finds nothing to do. Answers the names applied now. Refuses a database that is ahead, and throws
 * where a number is missing.
 */
export async function migrate(db: Database, folder: string): Promise<readonly string[]> {
  const files = await migrationFiles(folder);
  return inTransaction(db, async (tx) => {
    await tx.raw('set local statement_timeout = 0');
    await tx.raw('set local idle_in_transaction_session_timeout = 0');
    await tx.raw('set local role sluice_owner');
    await tx.raw('select pg_advisory_xact_lock(7711)');
    const { pending, unknown } = await statusOf(tx, files);
    if (unknown.length > 0) {
      throw new Refusal(
        DatabaseAhead,
        `The database has ${unknown.join(', ')}, which this program does not know: use a newer one.`,
      );
    }
    await tx.migrate.latest({ migrationSource: sqlFiles(folder, files), ...tables });
    await tx.raw('grant select on migrations to sluice_app');
    return pending;
  });
}

/** What is applied and what is not. Any role that may read `migrations` can ask. */
export async function migrationStatus(db: Database, folder: string): Promise<MigrationStatus> {
  return statusOf(db, await migrationFiles(folder));
}

async function statusOf(
  handle: Database | Transaction,
  files: readonly string[],
): Promise<MigrationStatus> {
  const done = (await handle.schema.hasTable('migrations'))
    ? await handle('migrations').select<{ name: string }[]>('name').orderBy('id')
    : [];
  const applied = done.map((row) => row.name);
  return {
    applied,
    pending: files.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !files.includes(name)),
  };
}

/** Names in order; throws where a number is missing or taken twice. */
async function migrationFiles(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
  names.forEach((name, index) => {
    const expected = String(index + 1).padStart(4, '0');
    if (name.startsWith(`${expected}-`)) return;
    throw new Error(`Migration ${expected} is missing: found ${name} in its place.`);
  });
  return names;
}

function sqlFiles(folder: string, files: readonly string[]): Knex.MigrationSource<string> {
  return {
    getMigrations: () => Promise.resolve([...files]),
    getMigrationName: (name) => name,
    getMigration: async (name) => {
      const sql = await readFile(join(folder, `${name}.sql`), 'utf8');
      return {
        // Knex reads a bare ? as a binding; SQL has operators of that name.
        up: (tx) => tx.raw(sql.replaceAll('?', '\\?')),
        down: () => Promise.reject(new Error('Migrations only go forward.')),
      };
    },
  };
}

const tables = { tableName: 'migrations' };
