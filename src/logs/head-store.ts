import {
  queryNamed,
  type Database,
  type Session,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import type { ComposedEntry } from './log.ts';
import { headLog, noLog, type LogHead } from './log.ts';
import type { TreeNode } from '../transparency/index.ts';

/** A connection, or a transaction seen as one. */
export type Queries = Pick<Session, 'query'>;

interface HeadRow {
  readonly recipient_id: string;
  readonly log_id: string;
  readonly origin: string;
  readonly size: string;
  readonly epoch: string;
  readonly frontier: Buffer;
}

const headColumns = `log_heads.recipient_id, log_heads.log_id, log_heads.origin,
  log_heads.size, log_heads.epoch, log_heads.frontier`;

/** Puts a new log at size 0; where the recipient has one already, that stays. */
export async function insertLog(
  tx: Transaction,
  { recipientId, ...log }: { recipientId: string; logId: string; origin: string },
): Promise<void> {
  await tx('log_heads')
    .insert({ recipient_id: recipientId, log_id: log.logId, origin: log.origin })
    .onConflict(['recipient_id'])
    .ignore();
  await tx('log_counters')
    .insert({ recipient_id: recipientId })
    .onConflict(['recipient_id'])
    .ignore();
}

const placeTaken: Statement = {
  name: 'log-place-taken',
  text: `select 1 from log_heads
    where substr(sha256(convert_to(log_heads.origin, 'UTF8')), 1, 4) = int4send($1::bigint::bit(32)::int)
    fetch first 1 row only`,
};

/** Whether a log has this place in the head log: the first 32 bits of SHA-256(origin). */
export async function isPlaceTaken(tx: Transaction, place: number): Promise<boolean> {
  return (await queryNamed(tx, placeTaken, [place])).length > 0;
}

/**
 * Raises the epoch of these recipients' logs: call it in the transaction that takes something away
 * from them, as late as may be, because their logs wait for its end. One statement each, in order
 * of the ids, so that two such transactions never wait for each other.
 */
export async function raiseEpoch(tx: Transaction, recipientIds: readonly string[]): Promise<void> {
  for (const recipientId of [...new Set(recipientIds)].sort()) {
    const raised = await tx('log_heads')
      .where('log_heads.recipient_id', recipientId)
      .increment('epoch', 1);
    if (raised !== 1) throw noLog(recipientId);
  }
}

const epochOf: Statement = {
  name: 'log-epoch',
  text: 'select log_epoch($1) as epoch',
};

/** The epoch of a recipient's log as it is committed now. */
export async function readEpoch(db: Database | Transaction, recipientId: string): Promise<bigint> {
  const [row] = await queryNamed<{ epoch: string | null }>(db, epochOf, [recipientId]);
  const epoch = row?.epoch ?? undefined;
  if (epoch === undefined) throw noLog(recipientId);
  return BigInt(epoch);
}

const canAppend: Statement = {
  name: 'log-can-append',
  text: `select not pg_is_in_recovery()
    and current_setting('default_transaction_read_only') = 'off'
    and has_column_privilege('log_heads', 'size', 'update') as may_append`,
};

/** Whether this database takes entries now. */
export async function mayAppend(db: Database): Promise<boolean> {
  const [row] = await queryNamed<{ may_append: boolean }>(db, canAppend, []);
  return row?.may_append ?? false;
}

const renewed: Statement = {
  name: 'log-renewed',
  text: `select 1 from log_renewals
    where log_renewals.recipient_id = $1 and log_renewals.was_origin = $2`,
};

/** Whether the head log once had this name, and has another since. */
export async function isRenewed(db: Database, origin: string): Promise<boolean> {
  return (await queryNamed(db, renewed, [headLog, origin])).length > 0;
}

const firstOrigin: Statement = {
  name: 'log-first-origin',
  text: `select log_renewals.was_origin as origin from log_renewals
    where log_renewals.recipient_id = $1
    order by log_renewals.created_at, log_renewals.size fetch first 1 row only`,
};

/** The name that a log had at first, whatever it is called since. */
export async function findFirstOrigin(
  db: Database | Transaction,
  { recipientId, origin }: Pick<LogHead, 'recipientId' | 'origin'>,
): Promise<string> {
  const [row] = await queryNamed<{ origin: string }>(db, firstOrigin, [recipientId]);
  return row?.origin ?? origin;
}

const formerOrigins: Statement = {
  name: 'log-former-origins',
  text: `select log_renewals.was_origin as origin from log_renewals
    where log_renewals.recipient_id = $1 order by log_renewals.size desc`,
};

/** The names that a log had before its present one, the last first. */
export async function findFormerOrigins(
  db: Database | Transaction,
  recipientId: string,
): Promise<string[]> {
  const rows = await queryNamed<{ origin: string }>(db, formerOrigins, [recipientId]);
  return rows.map(({ origin }) => origin);
}

/** Every id that a log ever had, the present one first: its files stay where it had the id. */
export async function findLogIds(
  db: Database | Transaction,
  recipientId: string,
): Promise<string[]> {
  const head = await findHead(db, recipientId);
  const former = await findFormerOrigins(db, recipientId);
  return [...(head ? [head.logId] : []), ...former.map((name) => name.split('/').at(-1) ?? '')];
}

const headsOf: Statement = {
  name: 'log-heads',
  text: `select ${headColumns} from log_heads where log_heads.recipient_id = any($1::uuid[])`,
};

/** The heads as they are committed now. */
export async function readHeads(
  session: Session,
  recipientIds: readonly string[],
): Promise<LogHead[]> {
  const { rows } = await session.query<HeadRow>(headsOf, [recipientIds]);
  return rows.map(headOf);
}

const headForUpdate: Statement = {
  name: 'log-head-for-update',
  text: `select ${headColumns} from log_heads where log_heads.recipient_id = $1 for update`,
};

/** The head, which nobody else can move before this transaction ends. */
export async function lockHead(
  session: Queries,
  recipientId: string,
): Promise<LogHead | undefined> {
  const { rows } = await session.query<HeadRow>(headForUpdate, [recipientId]);
  return rows[0] && headOf(rows[0]);
}

/**
 * Many values travel in one: entries as lines, bytes end to end with their places, because arrays
 * of bytea are twice as long on the wire and slow to read.
 */
const appendToLog: Statement = {
  name: 'log-append',
  text: `with head as (
      update log_heads set size = $4, frontier = $5
      where log_heads.recipient_id = $1 and log_heads.size = $2 and log_heads.epoch = $3
      returning log_heads.recipient_id
    ), entries as (
      insert into disclosure_entries (recipient_id, index, entry_id, entry, leaf_hash)
      select head.recipient_id, $2::bigint + line.place - 1, line.entry_id, line.entry,
        substring($8::bytea from (line.place::int - 1) * 32 + 1 for 32)
      from head cross join
        rows from (unnest($6::uuid[]), unnest(string_to_array($7, e'\\n')))
        with ordinality as line (entry_id, entry, place)
    ), secrets as (
      insert into disclosure_secrets (recipient_id, index, secret, leaf_hashes, filters)
      select head.recipient_id, $2::bigint + line.place - 1,
        substring($9::bytea from (line.place::int - 1) * 32 + 1 for 32),
        substring($10::bytea from line.start for line.bytes),
        ($19::text[])[line.place]::jsonb
      from head cross join
        unnest($11::int[], $12::int[]) with ordinality as line (start, bytes, place)
    ), subjects as (
      insert into disclosure_subjects (recipient_id, index, numbers)
      select head.recipient_id, $2::bigint + line.place - 1,
        substring($13::bytea from line.start for line.bytes)
      from head cross join
        unnest($14::int[], $15::int[]) with ordinality as line (start, bytes, place)
    ), nodes as (
      insert into log_nodes (recipient_id, level, index, hash)
      select head.recipient_id, line.level, line.index,
        substring($18::bytea from (line.place::int - 1) * 32 + 1 for 32)
      from head cross join
        unnest($16::smallint[], $17::bigint[]) with ordinality as line (level, index, place)
    )
    select head.recipient_id from head`,
};

/**
 * Moves a head on and writes the entries behind it, in one statement. False, and nothing is
 * written, when the head is no longer as `head` says: its size or its epoch has changed.
 */
export async function appendToHead(
  session: Queries,
  head: LogHead,
  batch: {
    entries: readonly ComposedEntry[];
    frontier: readonly Buffer[];
    completed: readonly TreeNode[];
  },
): Promise<boolean> {
  const { entries, frontier, completed } = batch;
  const leafHashes = endToEnd(entries.map((entry) => entry.leafHashes));
  const numbers = endToEnd(entries.map((entry) => entry.numbers));
  const { rows } = await session.query(appendToLog, [
    head.recipientId,
    head.size,
    head.epoch,
    head.size + entries.length,
    Buffer.concat(frontier),
    entries.map((entry) => entry.entryId),
    entries.map((entry) => entry.text).join('\n'),
    Buffer.concat(entries.map((entry) => entry.leafHash)),
    Buffer.concat(entries.map((entry) => entry.secret)),
    leafHashes.bytes,
    leafHashes.starts,
    leafHashes.sizes,
    numbers.bytes,
    numbers.starts,
    numbers.sizes,
    completed.map((node) => node.level),
    completed.map((node) => node.index),
    Buffer.concat(completed.map((node) => node.hash)),
    entries.some(({ filters }) => filters !== null) ? entries.map(({ filters }) => filters) : null,
  ]);
  return rows.length === 1;
}

/** Buffers one after another, and where each begins (counted from 1, as SQL does) and how long. */
function endToEnd(parts: readonly Buffer[]) {
  const starts: number[] = [];
  let start = 1;
  for (const part of parts) {
    starts.push(start);
    start += part.length;
  }
  return { bytes: Buffer.concat(parts), starts, sizes: parts.map((part) => part.length) };
}

const oneHead: Statement = {
  name: 'log-head',
  text: `select ${headColumns} from log_heads where log_heads.recipient_id = $1`,
};

export async function findHead(
  db: Database | Transaction,
  recipientId: string,
): Promise<LogHead | undefined> {
  const [row] = await queryNamed<HeadRow>(db, oneHead, [recipientId]);
  return row && headOf(row);
}

const allHeads: Statement = {
  name: 'log-heads-all',
  text: `select ${headColumns} from log_heads order by log_heads.created_at, log_heads.recipient_id`,
};

/** Every recipient's head, the oldest log first. */
export async function findHeads(db: Database | Transaction): Promise<LogHead[]> {
  return (await queryNamed<HeadRow>(db, allHeads, [])).map(headOf);
}

function headOf(row: HeadRow): LogHead {
  const hashes = Array.from({ length: row.frontier.length / 32 }, (_, i) =>
    row.frontier.subarray(i * 32, (i + 1) * 32),
  );
  return {
    recipientId: row.recipient_id,
    logId: row.log_id,
    origin: row.origin,
    size: Number(row.size),
    epoch: BigInt(row.epoch),
    frontier: hashes,
  };
}
