import type { Database } from './database.ts';
import { Refusal, type RefusalKind } from './refusal.ts';

export const DurabilityOff: RefusalKind = {
  code: 'durability-off',
  status: 503,
  title: 'The database may lose what it has acknowledged.',
};
export const ServerTooOld: RefusalKind = {
  code: 'database-too-old',
  status: 503,
  title: 'The database is older than PostgreSQL 15.',
};

/**
 * Refuses a session whose commits may be lost: a page would leave the house and its entry would
 * not be in the log. Looks at the session, because a role or a database can have its own settings.
 */
export async function checkDurability(db: Database): Promise<void> {
  const rows = await db('pg_settings')
    .select<{ name: string }[]>('name')
    .whereIn('name', ['fsync', 'full_page_writes', 'synchronous_commit'])
    .andWhere('setting', 'off')
    .orderBy('name');
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw new Refusal(
    DurabilityOff,
    `${names} is off: what the database acknowledges could be lost. Turn it on for this login.`,
  );
}

/** Refuses a server older than PostgreSQL 15, which the migrations are written for. */
export async function checkServer(db: Database): Promise<void> {
  const row = await db('pg_settings')
    .first<{ setting: string } | undefined>('setting')
    .where('name', 'server_version_num');
  const major = Math.floor(Number(row?.setting ?? 0) / 10_000);
  if (major >= 15) return;
  throw new Refusal(ServerTooOld, `PostgreSQL ${String(major)} is too old: 15 or later is needed.`);
}
