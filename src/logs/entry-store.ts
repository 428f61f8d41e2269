import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import type { PageFilters, StoredEntry, StoredKeptEntry } from './log.ts';
import type { Tile, TreeNode } from '../transparency/index.ts';

interface EntryRow {
  readonly index: string;
  readonly entry_id: string | null;
  readonly entry: string | null;
  readonly leaf_hash: Buffer | null;
  readonly secret: Buffer | null;
  readonly salts: Buffer | null;
}

/** The entry with this id, in the database or detached from it. */
const indexOfId = `coalesce(
    (select disclosure_entries.index from disclosure_entries
      where disclosure_entries.recipient_id = $1 and disclosure_entries.entry_id = $2),
    (select log_archived_ids.index from log_archived_ids
      where log_archived_ids.recipient_id = $1 and log_archived_ids.entry_id = $2))`;

const entryById: Statement = {
  name: 'log-entry',
  text: `select disclosure_secrets.index, disclosure_entries.entry_id,
      disclosure_entries.entry, disclosure_entries.leaf_hash, disclosure_secrets.secret,
      disclosure_secrets.salts
    from disclosure_secrets left join disclosure_entries
      on disclosure_entries.recipient_id = $1 and disclosure_entries.entry_id = $2
    where disclosure_secrets.recipient_id = $1 and disclosure_secrets.index = ${indexOfId}`,
};

/** One entry of this recipient's log, by its UUID. */
export async function findStoredEntry(
  db: Database,
  recipientId: string,
  entryId: string,
): Promise<StoredEntry | undefined> {
  const [row] = await queryNamed<EntryRow>(db, entryById, [recipientId, entryId]);
  return row && entryOf(row);
}

/** The entries are read by themselves: each partition's index once, not once for each secret. */
const entriesFrom: Statement = {
  name: 'log-entries-from',
  text: `with entries as materialized (
      select disclosure_entries.index, disclosure_entries.entry_id, disclosure_entries.entry,
        disclosure_entries.leaf_hash
      from disclosure_entries
      where disclosure_entries.recipient_id = $1
        and disclosure_entries.index >= $2 and disclosure_entries.index < $3
    )
    select disclosure_secrets.index, entries.entry_id, entries.entry, entries.leaf_hash,
      disclosure_secrets.secret, disclosure_secrets.salts
    from disclosure_secrets left join entries on entries.index = disclosure_secrets.index
    where disclosure_secrets.recipient_id = $1
      and disclosure_secrets.index >= $2 and disclosure_secrets.index < $3
    order by disclosure_secrets.index`,
};

/** The entries with an index from `from` to below `to`, in order. */
export async function findStoredEntries(
  db: Database | Transaction,
  recipientId: string,
  { from, to }: { from: number; to: number },
): Promise<StoredEntry[]> {
  const rows = await queryNamed<EntryRow>(db, entriesFrom, [recipientId, from, to]);
  return rows.map(entryOf);
}

interface KeptRow extends EntryRow {
  readonly filters: PageFilters | null;
  readonly leaf_hashes: Buffer;
  readonly numbers: Buffer;
  readonly erased: Buffer | null;
}

const keptColumns = `select disclosure_secrets.index, disclosure_entries.entry_id,
    disclosure_entries.entry, disclosure_entries.leaf_hash, disclosure_secrets.secret,
    disclosure_secrets.salts, disclosure_secrets.filters, disclosure_secrets.leaf_hashes,
    disclosure_subjects.numbers, disclosure_subjects.erased
  from disclosure_secrets
    join disclosure_subjects
      on disclosure_subjects.recipient_id = disclosure_secrets.recipient_id
      and disclosure_subjects.index = disclosure_secrets.index
    left join disclosure_entries on disclosure_entries.recipient_id = $1`;

const keptById: Statement = {
  name: 'log-kept-by-id',
  text: `${keptColumns} and disclosure_entries.entry_id = $2
    where disclosure_secrets.recipient_id = $1 and disclosure_secrets.index = ${indexOfId}`,
};

/** An entry with everything that is kept beside it, by its UUID. */
export async function findStoredEvidence(
  db: Database,
  recipientId: string,
  entryId: string,
): Promise<StoredKeptEntry | undefined> {
  const [row] = await queryNamed<KeptRow>(db, keptById, [recipientId, entryId]);
  return row && keptOf(row);
}

const keptByIndex: Statement = {
  name: 'log-kept-by-index',
  text: `${keptColumns} and disclosure_entries.index = disclosure_secrets.index
      and disclosure_entries.index = any($2::bigint[])
    where disclosure_secrets.recipient_id = $1 and disclosure_secrets.index = any($2::bigint[])
    order by disclosure_secrets.index`,
};

/** The same for entries by their indices, in order. */
export async function findStoredEvidenceAt(
  db: Database | Transaction,
  recipientId: string,
  indices: readonly number[],
): Promise<StoredKeptEntry[]> {
  return (await queryNamed<KeptRow>(db, keptByIndex, [recipientId, indices])).map(keptOf);
}

function keptOf(row: KeptRow): StoredKeptEntry {
  const { leaf_hashes: leafHashes, numbers, erased, filters } = row;
  return { ...entryOf(row), leafHashes, numbers, erased, filters };
}

const nodesOfTiles: Statement = {
  name: 'log-nodes',
  text: `with tile as (
      select tile.level, tile.first, tile.past
      from unnest($2::smallint[], $3::bigint[], $4::bigint[]) as tile (level, first, past)
    )
    select 0 as level, disclosure_entries.index, disclosure_entries.leaf_hash as hash
    from tile join disclosure_entries on disclosure_entries.recipient_id = $1
      and disclosure_entries.index >= tile.first and disclosure_entries.index < tile.past
    where tile.level = 0
    union all
    select log_nodes.level, log_nodes.index, log_nodes.hash
    from tile join log_nodes on log_nodes.recipient_id = $1 and log_nodes.level = tile.level
      and log_nodes.index >= tile.first and log_nodes.index < tile.past
    where tile.level > 0`,
};

/** The nodes of these tiles; at level 0 the leaves, but those of detached entries. */
export async function findStoredNodes(
  db: Database,
  recipientId: string,
  tiles: readonly Tile[],
): Promise<TreeNode[]> {
  const rows = await queryNamed<{ level: number; index: string; hash: Buffer }>(db, nodesOfTiles, [
    recipientId,
    tiles.map((tile) => tile.level),
    tiles.map((tile) => tile.from),
    tiles.map((tile) => tile.to),
  ]);
  return rows.map((row) => ({ level: row.level, index: Number(row.index), hash: row.hash }));
}

function entryOf(row: EntryRow): StoredEntry {
  return {
    index: Number(row.index),
    entryId: row.entry_id,
    entry: row.entry,
    leafHash: row.leaf_hash,
    secret: row.secret,
    salts: row.salts,
  };
}
