import type { Session } from '../platform/database.ts';

/** What PostgreSQL says at the end of a base backup. */
export interface CopyEnd {
  readonly lsn: string;
  /** The text of the file backup_label. */
  readonly label: string;
  readonly tablespaces: string;
}

/**
 * Begins a base backup, which ends with the session, and answers where in the WAL. A slot that ends
 * with the session too keeps every segment from here on.
 */
export async function beginCopy(session: Session, label: string): Promise<string> {
  await session.query('set statement_timeout = 0');
  await session.query(
    "select pg_create_physical_replication_slot('sluice_backup_' || pg_backend_pid(), true, true)",
  );
  const { rows } = await session.query<{ lsn: string }>(
    'select pg_backup_start($1, fast => true)::text as lsn',
    [label],
  );
  return rows[0]?.lsn ?? '';
}

/** Ends it. The WAL up to the place it answers is then on disk, in segments that grow no more. */
export async function endCopy(session: Session): Promise<CopyEnd> {
  const { rows } = await session.query<CopyEnd>(
    `select stopped.lsn::text, stopped.labelfile as label, stopped.spcmapfile as tablespaces
      from pg_backup_stop(wait_for_archive => false) stopped`,
  );
  const [end] = rows;
  if (!end) throw new Error('PostgreSQL did not say where the backup ends.');
  return end;
}

/** Names of the segments of the WAL between two places of it. */
export async function findSegments(
  session: Session,
  { from, to }: { from: string; to: string },
): Promise<string[]> {
  const { rows } = await session.query<{ name: string }>(
    `select pg_walfile_name('0/0'::pg_lsn + (number * segment.size + 1)) as name
      from (select pg_size_bytes(current_setting('wal_segment_size'))::numeric as size) segment,
        generate_series(
          div($1::pg_lsn - '0/0'::pg_lsn, segment.size),
          div($2::pg_lsn - '0/0'::pg_lsn - 1, segment.size)) number
      order by number`,
    [from, to],
  );
  return rows.map(({ name }) => name);
}

export async function readServerVersion(session: Session): Promise<string> {
  const { rows } = await session.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return rows[0]?.version ?? '';
}
