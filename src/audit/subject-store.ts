import { queryNamed, type Database, type Statement } from '../platform/database.ts';

/** A bucket of the postings that a log has, and the last segment that has it. */
export interface BucketRange {
  readonly bucket: number;
  readonly last: number;
}

const buckets: Statement = {
  name: 'audit-posting-buckets',
  // One step for each bucket: a log has few, and each of them many segments.
  text: `with recursive held as (
      (select posting.bucket from log_postings posting where posting.recipient_id = $1
        order by posting.bucket fetch first 1 row only)
      union all
      select (select posting.bucket from log_postings posting
        where posting.recipient_id = $1 and posting.bucket > held.bucket
        order by posting.bucket fetch first 1 row only)
      from held where held.bucket is not null
    )
    select held.bucket, (select max(posting.segment) from log_postings posting
      where posting.recipient_id = $1 and posting.bucket = held.bucket) as last
    from held where held.bucket is not null`,
};

/** Which buckets a log has. */
export async function findAuditedBuckets(
  db: Database,
  recipientId: string,
): Promise<BucketRange[]> {
  const rows = await queryNamed<{ bucket: number; last: string }>(db, buckets, [recipientId]);
  return rows.map((row) => ({ bucket: row.bucket, last: Number(row.last) }));
}

/** What entries of a segment show, and what the postings say that they show: of one moment. */
export interface AuditedSegment {
  readonly shown: readonly { readonly index: number; readonly numbers: Buffer }[];
  readonly postings: readonly { readonly bucket: number; readonly postings: Buffer }[];
}

const segments: Statement = {
  name: 'audit-posting-segment',
  // One statement, since an erasure changes both.
  text: `select subject.index, null::int as bucket, subject.numbers as bytes
      from disclosure_subjects subject
      where subject.recipient_id = $1 and subject.index >= $2 and subject.index < $3
    union all
    select null, posting.bucket, posting.postings from log_postings posting
      where posting.recipient_id = $1 and posting.bucket = any($4::int[]) and posting.segment = $5`,
};

/** A segment of the postings, the entries from index `from` to below `to`. */
export async function findAuditedSegment(
  db: Database,
  recipientId: string,
  of: { segment: number; from: number; to: number; buckets: readonly number[] },
): Promise<AuditedSegment> {
  const rows = await queryNamed<{ index: string | null; bucket: number | null; bytes: Buffer }>(
    db,
    segments,
    [recipientId, of.from, of.to, of.buckets, of.segment],
  );
  return {
    shown: rows.flatMap(({ index, bytes: numbers }) =>
      index === null ? [] : [{ index: Number(index), numbers }],
    ),
    postings: rows.flatMap(({ bucket, bytes: postings }) =>
      bucket === null ? [] : [{ bucket, postings }],
    ),
  };
}

const secretsOf: Statement = {
  name: 'audit-secrets-of-numbers',
  text: `select subject.number, own.secret from log_subjects subject
      join log_secrets own on own.customer_id = subject.customer_id
    where subject.recipient_id = $1 and subject.number = any($2::bigint[])`,
};

/** The log secrets of the customers with these numbers. */
export async function findAuditedSecrets(
  db: Database,
  recipientId: string,
  numbers: readonly number[],
): Promise<Map<number, Buffer>> {
  const rows = await queryNamed<{ number: string; secret: Buffer }>(db, secretsOf, [
    recipientId,
    numbers,
  ]);
  return new Map(rows.map((row) => [Number(row.number), row.secret]));
}

const erasedOf: Statement = {
  name: 'audit-erased-leaves',
  text: `select erased.pseudonym, erased.entries from log_erased_leaves erased
    where erased.recipient_id = $1 and erased.day = $2`,
};

/** What is kept of customers who are erased, of one day. */
export async function findAuditedErasures(
  db: Database,
  recipientId: string,
  day: string,
): Promise<{ pseudonym: Buffer; entries: Buffer }[]> {
  return queryNamed(db, erasedOf, [recipientId, day]);
}
