import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import type { LoggedEntry, PageFilters } from './entry.ts';
import type { Tile, TreeNode } from '../transparency/index.ts';

interface EntryRow {
  readonly index: string;
  readonly entry_id: string;
  readonly entry: string;
  readonly leaf_hash: Buffer;
  readonly secret: Buffer | null;
  readonly salts: Buffer | null;
}

const entryColumns = `disclosure_entries.index, disclosure_entries.entry_id,
  disclosure_entries.entry, disclosure_entries.leaf_hash, disclosure_secrets.secret,
  disclosure_secrets.salts
  from disclosure_entries join disclosure_secrets
    on disclosure_secrets.recipient_id = disclosure_entries.recipient_id
    and disclosure_secrets.index = disclosure_entries.index`;

const entryById: Statement = {
  name: 'log-entry',
  text: `select ${entryColumns}
    where disclosure_entries.recipient_id = $1 and disclosure_entries.entry_id = $2`,
};

/** One entry of this recipient's log, by its UUID. */
export async function findEntry(
  db: Database,
  recipientId: string,
  entryId: string,
): Promise<LoggedEntry | undefined> {
  const [row] = await queryNamed<EntryRow>(db, entryById, [recipientId, entryId]);
  return row && entryOf(row);
}

const entriesFrom: Statement = {
  name: 'log-entries-from',
  text: `select ${entryColumns}
    where disclosure_entries.recipient_id = $1
      and disclosure_entries.index >= $2 and disclosure_entries.index < $3
    order by disclosure_entries.index`,
};

/** The entries with an index from `from` to below `to`, in order. */
export async function findEntries(
  db: Database | Transaction,
  recipientId: string,
  { from, to }: { from: number; to: number },
): Promise<LoggedEntry[]> {
  const rows = await queryNamed<EntryRow>(db, entriesFrom, [recipientId, from, to]);
  return rows.map(entryOf);
}

/** An entry with everything that is kept beside it. */
export interface KeptEntry extends LoggedEntry {
  readonly leafHashes: Buffer;
  readonly numbers: Buffer;
  /** Places of leaves whose customers are erased: the numbers are those of the others. */
  readonly erased: Buffer | null;
  readonly filters: PageFilters | null;
}

interface KeptRow extends EntryRow {
  readonly filters: PageFilters | null;
  readonly leaf_hashes: Buffer;
  readonly numbers: Buffer;
  readonly erased: Buffer | null;
}

const keptColumns = `select disclosure_entries.index, disclosure_entries.entry_id,
    disclosure_entries.entry, disclosure_entries.leaf_hash, disclosure_secrets.secret,
    disclosure_secrets.salts, disclosure_secrets.filters, disclosure_secrets.leaf_hashes,
    disclosure_subjects.numbers, disclosure_subjects.erased
  from disclosure_entries
    join disclosure_secrets
      on disclosure_secrets.recipient_id = disclosure_entries.recipient_id
      and disclosure_secrets.index = disclosure_entries.index
    join disclosure_subjects
      on disclosure_subjects.recipient_id = disclosure_entries.recipient_id
      and disclosure_subjects.index = disclosure_entries.index
  where disclosure_entries.recipient_id = $1`;

const keptById: Statement = {
  name: 'log-kept-by-id',
  text: `${keptColumns} and disclosure_entries.entry_id = $2`,
};

export async function findEvidence(
  db: Database,
  recipientId: string,
  entryId: string,
): Promise<KeptEntry | undefined> {
  const [row] = await queryNamed<KeptRow>(db, keptById, [recipientId, entryId]);
  return row && keptOf(row);
}

const keptByIndex: Statement = {
  name: 'log-kept-by-index',
  text: `${keptColumns} and disclosure_entries.index = any($2::bigint[])
    order by disclosure_entries.index`,
};

/** The same for entries by their indices, in order. */
export async function findEvidenceAt(
  db: Database | Transaction,
  recipientId: string,
  indices: readonly number[],
): Promise<KeptEntry[]> {
  return (await queryNamed<KeptRow>(db, keptByIndex, [recipientId, indices])).map(keptOf);
}

function keptOf(row: KeptRow): KeptEntry {
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

/** The nodes of these tiles; at level 0 the leaves. */
export async function findNodes(
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

function entryOf(row: EntryRow): LoggedEntry {
  return {
    index: Number(row.index),
    entryId: row.entry_id,
    entry: row.entry,
    leafHash: row.leaf_hash,
    secret: row.secret,
    salts: row.salts,
  };
}
