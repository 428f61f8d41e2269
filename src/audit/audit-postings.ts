import { eachAscending } from '../platform/ascending.ts';
import type { Database } from '../platform/database.ts';
import type { AuditedLog } from './audit-store.ts';
import { leb128In } from './entry-rules.ts';
import { findAuditedBuckets, findAuditedSegment, type AuditedSegment } from './subject-store.ts';

/** So many entries are turned round together, into at most so many buckets. */
const segmentEntries = 1024;
const mostBuckets = 1024;

/**
 * Turns the subject index of a log round again, a segment at a time, and compares it with the
 * postings that are kept: `compared` segments up to the first that has an entry which differs.
 */
export async function auditPostings(
  db: Database,
  log: AuditedLog,
): Promise<{ compared: number; wrong: { index: number; what: string } | undefined }> {
  const held = await findAuditedBuckets(db, log.recipientId);
  // Where nobody looks for a number there may be anything.
  const buckets = held.map(({ bucket }) => bucket).filter((bucket) => bucket < 2 * mostBuckets);
  const turned = held.reduce((most, { last }) => Math.max(most, last + 1), 0);
  const whole = Math.min(turned, Math.floor(log.size / segmentEntries));
  for (let segment = 0; segment < whole; segment += 1) {
    const from = segment * segmentEntries;
    const place = { segment, from, to: from + segmentEntries, buckets };
    const at = firstDifference(await findAuditedSegment(db, log.recipientId, place), from);
    if (at === undefined) continue;
    const what = 'its postings are not those of the customers that it shows';
    return { compared: segment, wrong: { index: from + at, what } };
  }
  return { compared: whole, wrong: undefined };
}

/** The place in its segment of the first entry that shows others than the postings say. */
function firstDifference({ shown, postings }: AuditedSegment, from: number): number | undefined {
  const wanted: number[] = [];
  for (const { index, numbers } of shown) {
    eachAscending(numbers, (number) => {
      wanted.push(number * segmentEntries + index - from);
    });
  }
  const found: number[] = [];
  let isRead = true;
  for (const { bucket, postings: bytes } of postings) {
    isRead = readBucket(bucket, bytes, (posting) => found.push(posting)) && isRead;
  }
  const [shows, says] = [Float64Array.from(wanted).sort(), Float64Array.from(found).sort()];
  for (let i = 0; i < Math.max(shows.length, says.length); i += 1) {
    const [one = Infinity, other = Infinity] = [shows[i], says[i]];
    if (one !== other) return Math.min(one, other) % segmentEntries;
  }
  return isRead ? undefined : 0;
}

/** Takes each posting as one number, customer before place; false for bytes that nobody wrote. */
function readBucket(bucket: number, bytes: Buffer, take: (posting: number) => void): boolean {
  const numbers = leb128In(bytes);
  if (!numbers) return false;
  const buckets = 2 ** Math.floor(Math.log2(bucket));
  let [at, turn] = [0, 0];
  while (at < numbers.length) {
    turn += numbers[at] ?? 0;
    const customer = turn * buckets + bucket - buckets;
    const end = at + 2 + (numbers[at + 1] ?? Infinity);
    if (end > numbers.length) return false;
    let place = 0;
    for (at += 2; at < end; at += 1) {
      place += numbers[at] ?? 0;
      if (place >= segmentEntries) return false;
      take(customer * segmentEntries + place);
    }
  }
  return true;
}
