import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import type { LogExport } from './archive.ts';

const exportsOf: Statement = {
  name: 'archive-exports',
  text: `select log_exports.recipient_id, log_exports.from_index, log_exports.past_index,
      log_exports.before, log_exports.files, log_exports.digest
    from log_exports order by log_exports.recipient_id, log_exports.from_index`,
};

/** What is recorded as exported, of each log from its beginning on. */
export async function findExports(db: Database | Transaction): Promise<LogExport[]> {
  const rows = await queryNamed<{
    recipient_id: string;
    from_index: string;
    past_index: string;
    before: string;
    files: number;
    digest: Buffer;
  }>(db, exportsOf, []);
  return rows.map((row) => ({
    recipientId: row.recipient_id,
    from: Number(row.from_index),
    past: Number(row.past_index),
    before: row.before,
    files: row.files,
    digest: row.digest,
  }));
}

/** Records an export; false where somebody else has recorded that part of the log meanwhile. */
export async function insertExport(db: Database, one: LogExport): Promise<boolean> {
  const rows: unknown[] = await db('log_exports')
    .insert({
      recipient_id: one.recipientId,
      from_index: one.from,
      past_index: one.past,
      before: one.before,
      files: one.files,
      digest: one.digest,
    })
    .onConflict(['recipient_id', 'from_index'])
    .ignore()
    .returning('from_index');
  return rows.length === 1;
}

const firstOpen: Statement = {
  name: 'archive-first-open',
  text: `select min(disclosure_entries.index) as index from disclosure_entries
    where disclosure_entries.recipient_id = $1 and disclosure_entries.entry_id >= $2`,
};

/** The index of the first entry whose id is not less than this; undefined: there is none. */
export async function findFirstFrom(
  db: Database,
  recipientId: string,
  leastId: string,
): Promise<number | undefined> {
  const rows = await queryNamed<{ index: string | null }>(db, firstOpen, [recipientId, leastId]);
  const index = rows[0]?.index ?? null;
  return index === null ? undefined : Number(index);
}

const making: Statement = {
  name: 'archive-make-partitions',
  text: 'select make_log_partitions() as made',
};

/** Makes the partitions of this month and the next three, where they are missing; says how many. */
export async function makeMissingPartitions(db: Database): Promise<number> {
  const [row] = await queryNamed<{ made: number }>(db, making, []);
  return row?.made ?? 0;
}

const unplaced: Statement = {
  name: 'archive-unplaced',
  text: 'select count(*) as count from disclosure_entries_unplaced',
};

/** How many entries are of a month that has no partition. */
export async function countUnplaced(db: Database): Promise<number> {
  const [row] = await queryNamed<{ count: string }>(db, unplaced, []);
  return Number(row?.count ?? 0);
}

const detaching: Statement = {
  name: 'archive-detach',
  text: 'select detached, kept from detach_log_entries($1::date)',
};

/** Takes exported entries of months before this day out of the database: as the tables' owner. */
export async function detachExported(
  tx: Transaction,
  before: string,
): Promise<{ detached: number; kept: number }> {
  await tx.raw('set local statement_timeout = 0');
  await tx.raw('set local role sluice_owner');
  const [row] = await queryNamed<{ detached: string; kept: string }>(tx, detaching, [before]);
  return { detached: Number(row?.detached ?? 0), kept: Number(row?.kept ?? 0) };
}
