import { Refusal, type RefusalKind } from './refusal.ts';

export const DurabilityOff: RefusalKind = {
  code: 'durability-off',
  status: 503,
  title: 'The database may lose what it has acknowledged.',
};

/** A connection, as far as it is asked here. */
interface Asked {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * Refuses a session whose commits may be lost: a page would leave the house and its entry would
 * not be in the log. Looks at the session, because a role or a database can have its own settings,
 * and holds it to what it found, whatever is configured while it lives.
 */
export async function demandDurability(session: Asked): Promise<void> {
  const { rows } = await session.query(`
    select set_config('synchronous_commit', current_setting('synchronous_commit'), false),
           (select string_agg(pg_settings.name, ', ' order by pg_settings.name) from pg_settings
             where pg_settings.name in ('fsync', 'full_page_writes', 'synchronous_commit')
               and pg_settings.setting = 'off') as off`);
  const [row] = rows as readonly { readonly off: string | null }[];
  if (row?.off === null) return;
  throw new Refusal(
    DurabilityOff,
    `${row?.off ?? 'fsync'} is off: what the database acknowledges could be lost. Turn it on for this login.`,
  );
}
