import type { Database } from './database.ts';
import { Refusal, type RefusalKind } from './refusal.ts';

export const ServerTooOld: RefusalKind = {
  code: 'database-too-old',
  status: 503,
  title: 'The database is older than PostgreSQL 15.',
};

/** Refuses a server older than PostgreSQL 15, which the migrations are written for. */
export async function checkServer(db: Database): Promise<void> {
  const row = await db('pg_settings')
    .first<{ setting: string } | undefined>('setting')
    .where('name', 'server_version_num');
  const major = Math.floor(Number(row?.setting ?? 0) / 10_000);
  if (major >= 15) return;
  throw new Refusal(ServerTooOld, `PostgreSQL ${String(major)} is too old: 15 or later is needed.`);
}
