import { findSubjects } from '../logs/index.ts';
import { countAscending } from '../platform/ascending.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { bucketsOf, firstBuckets, placesOf, segmentEntries } from './posting-rules.ts';
import { countSegments, findBuckets } from './posting-store.ts';

/** Which entries of a log show the customer with this number: indices, ascending, once for each leaf. */
export async function findShown(
  db: Database | Transaction,
  { recipientId, number, size }: { recipientId: string; number: number; size: number },
): Promise<number[]> {
  const shown: number[] = [];
  // A segment that comes between is not among these and is read entry by entry.
  const segments = await countSegments(db, recipientId, firstBuckets);
  for (const one of await findBuckets(db, recipientId, bucketsOf(number))) {
    if (one.segment >= segments) continue;
    const places = placesOf(one.bucket, one.postings, number);
    shown.push(...places.map((place) => one.segment * segmentEntries + place));
  }
  const from = segments * segmentEntries;
  for (let first = from; first < size; first += segmentEntries) {
    const page = { from: first, to: Math.min(first + segmentEntries, size) };
    for (const { index, numbers } of await findSubjects(db, recipientId, page)) {
      for (let left = countAscending(numbers, number); left > 0; left -= 1) shown.push(index);
    }
  }
  return shown.filter((index) => index < size);
}
