import type { Transaction } from '../platform/database.ts';
import { bucketsOf, decodePostings, encodePostings } from './posting-rules.ts';
import { findBuckets, replaceBucket } from './posting-store.ts';

/** Takes a customer's number out of what is turned round. The caller holds `lockSubjects`. */
export async function erasePostings(
  tx: Transaction,
  { recipientId, number }: { recipientId: string; number: number },
): Promise<void> {
  for (const bucket of await findBuckets(tx, recipientId, bucketsOf(number))) {
    const postings = decodePostings(bucket.bucket, bucket.postings);
    if (!postings.delete(number)) continue;
    const left = encodePostings(bucket.bucket, postings);
    await replaceBucket(tx, recipientId, { ...bucket, postings: left });
  }
}
