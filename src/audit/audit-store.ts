import { queryNamed, type Database, type Statement } from '../platform/database.ts';
import type { TreeNode } from '../transparency/index.ts';

/** What the audit reads. It shares nothing with the statements that write and serve the log. */

export interface AuditedLog {
  readonly recipientId: string;
  readonly logId: string;
  readonly origin: string;
  readonly size: number;
  readonly frontier: Buffer;
  /** How many customers have a number in this log. */
  readonly numbered: number;
}

/** An entry as the database has it; without text and hash where it is detached. */
export interface StoredEntry extends Omit<AuditedEntry, 'entry' | 'leafHash'> {
  readonly entry: string | null;
  readonly leafHash: Buffer | null;
}

export interface AuditedEntry {
  readonly index: number;
  readonly entryId: string;
  readonly entry: string;
  readonly leafHash: Buffer;
  readonly secret: Buffer | null;
  readonly leafHashes: Buffer | null;
  readonly numbers: Buffer | null;
  /** What is left of the salts where somebody is erased, and the places of the erased leaves. */
  readonly salts: Buffer | null;
  readonly erased: Buffer | null;
}

/** Counts that must be 0, and the numbers of customers, which must have no gaps. */
export interface AuditedRest {
  /** Of entries, secrets, subjects, nodes, postings and places. */
  readonly beyond: readonly number[];
  readonly numbered: number;
  readonly numbers: number;
  readonly highestNumber: number;
}

const logs: Statement = {
  name: 'audit-logs',
  text: `select log_heads.recipient_id, log_heads.log_id, log_heads.origin, log_heads.size,
      log_heads.frontier, coalesce(log_counters.numbered, 0) as numbered
    from log_heads left join log_counters on log_counters.recipient_id = log_heads.recipient_id
    order by log_heads.created_at, log_heads.recipient_id`,
};

/** Every log as its head is now. */
export async function findAuditedLogs(db: Database): Promise<AuditedLog[]> {
  const rows = await queryNamed<{
    recipient_id: string;
    log_id: string;
    origin: string;
    size: string;
    frontier: Buffer;
    numbered: string;
  }>(db, logs, []);
  return rows.map((row) => ({
    recipientId: row.recipient_id,
    logId: row.log_id,
    origin: row.origin,
    size: Number(row.size),
    frontier: row.frontier,
    numbered: Number(row.numbered),
  }));
}

const entries: Statement = {
  name: 'audit-entries',
  text: `with entry as (
      select coalesce(stored.index, archived.index) as index,
        coalesce(stored.entry_id, archived.entry_id) as entry_id, stored.entry, stored.leaf_hash
      from (select one.index, one.entry_id, one.entry, one.leaf_hash from disclosure_entries one
          where one.recipient_id = $1 and one.index >= $2 and one.index < $3) stored
        full join (select one.index, one.entry_id from log_archived_ids one
          where one.recipient_id = $1 and one.index >= $2 and one.index < $3) archived
        on archived.index = stored.index
    )
    select entry.index, entry.entry_id, entry.entry, entry.leaf_hash,
      secret.secret, secret.leaf_hashes, secret.salts, subject.numbers, subject.erased
    from entry
      left join disclosure_secrets secret
        on secret.recipient_id = $1 and secret.index = entry.index
      left join disclosure_subjects subject
        on subject.recipient_id = $1 and subject.index = entry.index
    order by entry.index`,
};

/** The entries from index `from` to below `to`, each with what is stored beside it. */
export async function findAuditedEntries(
  db: Database,
  recipientId: string,
  { from, to }: { from: number; to: number },
): Promise<StoredEntry[]> {
  const rows = await queryNamed<{
    index: string;
    entry_id: string;
    entry: string | null;
    leaf_hash: Buffer | null;
    secret: Buffer | null;
    leaf_hashes: Buffer | null;
    numbers: Buffer | null;
    salts: Buffer | null;
    erased: Buffer | null;
  }>(db, entries, [recipientId, from, to]);
  return rows.map((row) => ({
    index: Number(row.index),
    entryId: row.entry_id,
    entry: row.entry,
    leafHash: row.leaf_hash,
    secret: row.secret,
    leafHashes: row.leaf_hashes,
    numbers: row.numbers,
    salts: row.salts,
    erased: row.erased,
  }));
}

const nodes: Statement = {
  name: 'audit-nodes',
  text: `select node.level, node.index, node.hash
    from unnest($2::smallint[], $3::bigint[]) as wanted (level, index)
      join log_nodes node on node.recipient_id = $1
        and node.level = wanted.level and node.index = wanted.index`,
};

/** The stored nodes at these places. */
export async function findAuditedNodes(
  db: Database,
  recipientId: string,
  places: readonly Pick<TreeNode, 'level' | 'index'>[],
): Promise<TreeNode[]> {
  const rows = await queryNamed<{ level: number; index: string; hash: Buffer }>(db, nodes, [
    recipientId,
    places.map((place) => place.level),
    places.map((place) => place.index),
  ]);
  return rows.map((row) => ({ level: row.level, index: Number(row.index), hash: row.hash }));
}

const rest: Statement = {
  name: 'audit-rest',
  text: `select
      (select count(*) from disclosure_entries entry
        where entry.recipient_id = head.recipient_id and entry.index >= head.size) as entries_beyond,
      (select count(*) from disclosure_secrets secret
        where secret.recipient_id = head.recipient_id and secret.index >= head.size) as secrets_beyond,
      (select count(*) from disclosure_subjects subject
        where subject.recipient_id = head.recipient_id and subject.index >= head.size) as subjects_beyond,
      (select count(*) from log_nodes node
        where node.recipient_id = head.recipient_id
          and (node.level > 48 or (node.index + 1) * power(2, node.level) > head.size)) as nodes_beyond,
      (select count(*) from log_postings posting
        where posting.recipient_id = head.recipient_id
          and (posting.segment + 1) * 1024 > head.size) as postings_beyond,
      (select count(*) from log_places place
        where place.recipient_id = head.recipient_id
          and place.beat >= coalesce((select beats.size from log_heads beats
            where beats.recipient_id = $2), 0)) as places_beyond,
      (select coalesce(max(counter.numbered), 0) from log_counters counter
        where counter.recipient_id = head.recipient_id) as numbered,
      (select count(*) from log_subjects subject
        where subject.recipient_id = head.recipient_id) as numbers,
      (select coalesce(max(subject.number), 0) from log_subjects subject
        where subject.recipient_id = head.recipient_id) as highest_number
    from log_heads head where head.recipient_id = $1`,
};

/** What lies beyond a log's head, of places beyond that of the head log; undefined when the head itself is gone. */
export async function findAuditedRest(
  db: Database,
  recipientId: string,
  headLog: string,
): Promise<AuditedRest | undefined> {
  const [row] = await queryNamed<Record<string, string>>(db, rest, [recipientId, headLog]);
  if (!row) return undefined;
  const beyond = ['entries', 'secrets', 'subjects', 'nodes', 'postings', 'places'];
  return {
    beyond: beyond.map((what) => Number(row[`${what}_beyond`])),
    numbered: Number(row['numbered']),
    numbers: Number(row['numbers']),
    highestNumber: Number(row['highest_number']),
  };
}

const orphan: Statement = {
  name: 'audit-orphan',
  text: `select entry.recipient_id, entry.index, entry.entry_id from disclosure_entries entry
    where not exists (
      select from log_heads head where head.recipient_id = entry.recipient_id
    )
    order by entry.recipient_id, entry.index fetch first 1 row only`,
};

/** The first entry of a recipient that has no log. */
export async function findOrphan(
  db: Database,
): Promise<{ recipientId: string; index: number; entryId: string } | undefined> {
  const [row] = await queryNamed<{ recipient_id: string; index: string; entry_id: string }>(
    db,
    orphan,
    [],
  );
  return row && { recipientId: row.recipient_id, index: Number(row.index), entryId: row.entry_id };
}
