import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';

/** One bucket of a segment. */
export interface Bucket {
  readonly bucket: number;
  readonly segment: number;
  readonly postings: Buffer;
}

const lock: Statement = {
  name: 'log-postings-lock',
  text: 'select pg_advisory_xact_lock(7713, hashtext($1))',
};

/** Until the transaction ends nobody else writes into this log's subject index. */
export async function lockSubjects(tx: Transaction, recipientId: string): Promise<void> {
  await queryNamed(tx, lock, [recipientId]);
}

const lastSegment: Statement = {
  name: 'log-postings-last',
  text: `select max(log_postings.segment) as last from log_postings
    where log_postings.recipient_id = $1 and log_postings.bucket = any($2::int[])`,
};

/** How many segments of a log are turned round. */
export async function countSegments(
  db: Database | Transaction,
  recipientId: string,
  firstBuckets: readonly number[],
): Promise<number> {
  const [row] = await queryNamed<{ last: string | null }>(db, lastSegment, [
    recipientId,
    firstBuckets,
  ]);
  return Number(row?.last ?? -1) + 1;
}

const bucketsWith: Statement = {
  name: 'log-postings-of',
  text: `select log_postings.bucket, log_postings.segment, log_postings.postings from log_postings
    where log_postings.recipient_id = $1 and log_postings.bucket = any($2::int[])
    order by log_postings.segment`,
};

/** These buckets of every segment, the oldest first. */
export async function findBuckets(
  db: Database | Transaction,
  recipientId: string,
  buckets: readonly number[],
): Promise<Bucket[]> {
  const rows = await queryNamed<{ bucket: number; segment: string; postings: Buffer }>(
    db,
    bucketsWith,
    [recipientId, buckets],
  );
  return rows.map((row) => ({ ...row, segment: Number(row.segment) }));
}

const insert: Statement = {
  name: 'log-postings-insert',
  text: `insert into log_postings (recipient_id, bucket, segment, postings)
    select $1, given.bucket, $2, given.postings
    from unnest($3::int[], $4::bytea[]) as given (bucket, postings)
    on conflict (recipient_id, bucket, segment) do nothing`,
};

export async function insertBuckets(
  tx: Transaction,
  recipientId: string,
  { segment, buckets }: { segment: number; buckets: readonly Omit<Bucket, 'segment'>[] },
): Promise<void> {
  await queryNamed(tx, insert, [
    recipientId,
    segment,
    buckets.map(({ bucket }) => bucket),
    buckets.map(({ postings }) => postings),
  ]);
}

const replace: Statement = {
  name: 'log-postings-replace',
  text: 'select replace_postings($1, $2, $3, $4)',
};

export async function replaceBucket(
  tx: Transaction,
  recipientId: string,
  { bucket, segment, postings }: Bucket,
): Promise<void> {
  await queryNamed(tx, replace, [recipientId, bucket, segment, postings]);
}
