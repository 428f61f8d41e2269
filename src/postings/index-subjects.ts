import { findHeads, findSubjects, headLog } from '../logs/index.ts';
import { eachAscending } from '../platform/ascending.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import {
  bucketOf,
  bucketsFor,
  encodePostings,
  firstBuckets,
  segmentEntries,
} from './posting-rules.ts';
import { countSegments, insertBuckets, lockSubjects } from './posting-store.ts';

/**
 * Turns the subject index of every log round, a segment of entries at a time, so that the entries
 * which show one customer are found without reading the others. What is not turned round yet is found
 * all the same, more slowly.
 */
export async function indexSubjects({ db }: Pick<Tools, 'db'>): Promise<{ segments: number }> {
  let segments = 0;
  for (const { recipientId, size } of await findHeads(db)) {
    if (recipientId === headLog) continue;
    const whole = Math.floor(size / segmentEntries);
    for (let next = await countSegments(db, recipientId, firstBuckets); next < whole; next += 1) {
      await inTransaction(db, (tx) => turnSegment(tx, recipientId, next));
      segments += 1;
    }
  }
  return { segments };
}

async function turnSegment(tx: Transaction, recipientId: string, segment: number): Promise<void> {
  await lockSubjects(tx, recipientId);
  const from = segment * segmentEntries;
  const leaves: { number: number; place: number }[] = [];
  const rows = await findSubjects(tx, recipientId, { from, to: from + segmentEntries });
  for (const { index, numbers } of rows) {
    eachAscending(numbers, (number) => {
      leaves.push({ number, place: index - from });
    });
  }
  const among = bucketsFor(leaves.length);
  const byBucket = new Map<number, Map<number, number[]>>([[bucketOf(among, 0), new Map()]]);
  for (const { number, place } of leaves) {
    const bucket = bucketOf(among, number);
    const postings = byBucket.get(bucket) ?? new Map<number, number[]>();
    byBucket.set(bucket, postings);
    const places = postings.get(number);
    if (places) places.push(place);
    else postings.set(number, [place]);
  }
  const buckets = [...byBucket].map(([bucket, postings]) => ({
    bucket,
    postings: encodePostings(bucket, postings),
  }));
  await insertBuckets(tx, recipientId, { segment, buckets });
}
