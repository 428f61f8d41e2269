import { pushVarint } from '../platform/ascending.ts';

/** So many entries are turned round together. */
export const segmentEntries = 1024;
const leavesInBucket = 512;
const mostBuckets = 1024;

/** Numbers of customers and, for each, the places of the entries in their segment, one for each leaf. */
export type Postings = ReadonlyMap<number, readonly number[]>;

/** Into how many buckets so many leaves go: a power of two. */
export function bucketsFor(leaves: number): number {
  let buckets = 1;
  while (buckets < mostBuckets && leaves > buckets * leavesInBucket) buckets *= 2;
  return buckets;
}

/** In which buckets a number can stand: one for each power of two. */
export function bucketsOf(number: number): number[] {
  const keys: number[] = [];
  for (let buckets = 1; buckets <= mostBuckets; buckets *= 2) keys.push(bucketOf(buckets, number));
  return keys;
}

/** Every segment has the first bucket of its power of two, whether anything is in it or not. */
export const firstBuckets: readonly number[] = bucketsOf(0);

/** The key of the bucket of a number among so many. */
export function bucketOf(buckets: number, number: number): number {
  return buckets + (number % buckets);
}

/** How many buckets there are where this is one's key. */
function bucketsAround(bucket: number): number {
  return 2 ** Math.floor(Math.log2(bucket));
}

export function encodePostings(bucket: number, postings: Postings): Buffer {
  const buckets = bucketsAround(bucket);
  const bytes: number[] = [];
  let last = 0;
  for (const [number, places] of [...postings].sort(([one], [other]) => one - other)) {
    const turn = Math.floor(number / buckets);
    pushVarint(bytes, turn - last);
    last = turn;
    pushVarint(bytes, places.length);
    let before = 0;
    for (const place of places) {
      pushVarint(bytes, place - before);
      before = place;
    }
  }
  return Buffer.from(bytes);
}

export function decodePostings(bucket: number, bytes: Uint8Array): Map<number, number[]> {
  const buckets = bucketsAround(bucket);
  const postings = new Map<number, number[]>();
  const read = reader(bytes);
  for (let turn = 0; !read.isAtEnd();) {
    turn += read.next();
    postings.set(turn * buckets + (bucket - buckets), placesAt(read));
  }
  return postings;
}

/** The places of one number, as decodePostings has them, without making those of the others. */
export function placesOf(bucket: number, bytes: Uint8Array, number: number): number[] {
  const wanted = Math.floor(number / bucketsAround(bucket));
  const read = reader(bytes);
  for (let turn = 0; !read.isAtEnd();) {
    turn += read.next();
    if (turn > wanted) return [];
    if (turn === wanted) return placesAt(read);
    for (let left = read.next(); left > 0; left -= 1) read.skip();
  }
  return [];
}

interface Reader {
  readonly isAtEnd: () => boolean;
  /** The next whole number. */
  readonly next: () => number;
  readonly skip: () => void;
}

function reader(bytes: Uint8Array): Reader {
  let at = 0;
  return {
    isAtEnd: () => at >= bytes.length,
    next: () => {
      let [number, scale] = [0, 1];
      for (;;) {
        const byte = bytes[at] ?? 0;
        at += 1;
        number += (byte % 128) * scale;
        if (byte < 128) return number;
        scale *= 128;
      }
    },
    skip: () => {
      while ((bytes[at] ?? 0) >= 128) at += 1;
      at += 1;
    },
  };
}

function placesAt(read: Reader): number[] {
  const places: number[] = [];
  let before = 0;
  for (let left = read.next(); left > 0; left -= 1) {
    before += read.next();
    places.push(before);
  }
  return places;
}
