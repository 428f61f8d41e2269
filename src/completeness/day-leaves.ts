import type { Database } from '../platform/database.ts';
import { decodeAscending, eachAscending } from '../platform/ascending.ts';
import type { Tools } from '../platform/tools.ts';
import { findSubjects } from '../logs/index.ts';
import { hashOfEntries, pseudonymOf, type DayLeaf } from './digest-rules.ts';
import { findErasedLeaves, readSecrets } from './digest-store.ts';

/** The entries of one log that a digest covers. */
export interface Covered {
  readonly recipientId: string;
  readonly origin: string;
  readonly day: string;
  readonly from: number;
  readonly to: number;
}

/** So many leaves are sorted by customer at once: 12 bytes each. */
const mostAtOnce = 4_000_000;
const blockBits = 10;
const entriesAtOnce = 4096;
const secretsAtOnce = 8192;

/**
 * One leaf for each customer whom the entries show, in no order, and those of customers who are
 * erased. Goes over the entries once for the counts, and once for each range of customers' numbers
 * that fits into memory.
 */
export async function* dayLeaves(
  { db, random }: Pick<Tools, 'db' | 'random'>,
  covered: Covered,
): AsyncGenerator<DayLeaf> {
  const { recipientId, origin, day, from } = covered;
  for (const range of rangesOf(await countBlocks(db, covered))) {
    const { numbers, starts, offsets } = await sortByCustomer(db, covered, range);
    for (let at = 0; at < numbers.length; at += secretsAtOnce) {
      const some = [...numbers.subarray(at, at + secretsAtOnce)];
      const draw = () => random.bytes(32);
      const secrets = await readSecrets(db, { recipientId, numbers: some, draw });
      for (const [i, number] of some.entries()) {
        const secret = secrets.get(number);
        if (!secret) throw new Error(`Number ${String(number)} of a log is nobody's.`);
        const own = offsets.subarray(starts[at + i], starts[at + i + 1]);
        const indices = Array.from(own, (offset) => from + offset);
        yield leafOf(pseudonymOf(secret, origin, day), indices);
      }
    }
  }
  for (const { pseudonym, entries } of await findErasedLeaves(db, recipientId, day)) {
    yield leafOf(pseudonym, decodeAscending(entries));
  }
}

function leafOf(pseudonym: Buffer, indices: readonly number[]): DayLeaf {
  return { pseudonym, count: indices.length, entriesHash: hashOfEntries(indices) };
}

interface NumberRange {
  /** From included, to excluded. */
  readonly first: number;
  readonly past: number;
  readonly leaves: number;
}

/** How many leaves each block of 1,024 numbers has. */
async function countBlocks(db: Database, covered: Covered): Promise<number[]> {
  const counts: number[] = [];
  await eachLeaf(db, covered, (number) => {
    const block = number >>> blockBits;
    while (counts.length <= block) counts.push(0);
    counts[block] = (counts[block] ?? 0) + 1;
  });
  return counts;
}

function rangesOf(counts: readonly number[]): NumberRange[] {
  const ranges: NumberRange[] = [];
  let [first, leaves] = [0, 0];
  for (const [block, count] of counts.entries()) {
    const isFull = leaves + count > mostAtOnce || block - first >= mostAtOnce >>> blockBits;
    if (isFull && leaves > 0) {
      ranges.push({ first: first << blockBits, past: block << blockBits, leaves });
      leaves = 0;
    }
    if (leaves === 0) first = block;
    leaves += count;
  }
  if (leaves > 0) {
    ranges.push({ first: first << blockBits, past: counts.length << blockBits, leaves });
  }
  return ranges;
}

/** A counting sort: the customers' numbers, and behind one another the places of their entries. */
async function sortByCustomer(
  db: Database,
  covered: Covered,
  { first, past, leaves }: NumberRange,
): Promise<{ numbers: Uint32Array; starts: Uint32Array; offsets: Uint32Array }> {
  const [seen, places] = [new Uint32Array(leaves), new Uint32Array(leaves)];
  const ends = new Uint32Array(past - first + 1);
  let filled = 0;
  await eachLeaf(db, covered, (number, offset) => {
    if (number < first || number >= past) return;
    // What an erasure takes away meanwhile only makes it fewer.
    seen[filled] = number - first;
    places[filled] = offset;
    ends[number - first + 1] = (ends[number - first + 1] ?? 0) + 1;
    filled += 1;
  });
  const [numbers, starts]: [number[], number[]] = [[], []];
  for (let i = 0; i < past - first; i += 1) {
    const start = ends[i] ?? 0;
    if ((ends[i + 1] ?? 0) > 0) {
      numbers.push(first + i);
      starts.push(start);
    }
    ends[i + 1] = (ends[i + 1] ?? 0) + start;
  }
  const offsets = new Uint32Array(filled);
  for (let i = 0; i < filled; i += 1) {
    const customer = seen[i] ?? 0;
    const at = ends[customer] ?? 0;
    offsets[at] = places[i] ?? 0;
    ends[customer] = at + 1;
  }
  return {
    numbers: Uint32Array.from(numbers),
    starts: Uint32Array.from([...starts, filled]),
    offsets,
  };
}

/** Calls `take` with the number of each leaf's customer and its entry's place within the covered ones. */
async function eachLeaf(
  db: Database,
  { recipientId, from, to }: Covered,
  take: (number: number, offset: number) => void,
): Promise<void> {
  for (let first = from; first < to; first += entriesAtOnce) {
    const page = { from: first, to: Math.min(first + entriesAtOnce, to) };
    for (const { index, numbers } of await findSubjects(db, recipientId, page)) {
      const offset = index - from;
      eachAscending(numbers, (number) => {
        take(number, offset);
      });
    }
  }
}
