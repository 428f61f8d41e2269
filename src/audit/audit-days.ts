import { createHash, createHmac } from 'node:crypto';
import { eachAscending } from '../platform/ascending.ts';
import type { Database } from '../platform/database.ts';
import { appendLeaves, rootOfFrontier } from '../transparency/index.ts';
import type { AuditedLog } from './audit-store.ts';
import { findAuditedErasures, findAuditedSecrets } from './subject-store.ts';

/** Whom one entry shows: its subject index, and how many of its leaves are erased. */
interface Shown {
  readonly index: number;
  readonly numbers: Buffer;
  readonly erased: number;
}

interface Digest {
  /** What pseudonyms follow from: one name for all of a log's digests. */
  readonly log: string;
  readonly day: string;
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly root: string;
}

/** Follows a log's entries and recomputes the digest of each day from the subject index. */
export interface DayAudit {
  /** What is wrong with an entry that is a digest; entries come in order. */
  take(entry: Shown & { readonly text: string }): Promise<string | undefined>;
  /** What is wrong with the entries that no digest covers yet. */
  end(): Promise<{ index: number; what: string } | undefined>;
}

const secretsAtOnce = 8192;
const leafBytes = 64;

/** Keeps the subject index of one day's entries in memory: 2 or 3 bytes a leaf, 8 while it is sorted. */
export function auditDays(db: Database, log: AuditedLog): DayAudit {
  let pending: Shown[] = [];
  let day: string | undefined;
  let name: string | undefined;
  let covered = 0;
  return {
    take: async (entry) => {
      day ??= dayPlus((JSON.parse(entry.text) as { at: string }).at.slice(0, 10), 0);
      const { numbers, erased, index } = entry;
      const digest = digestIn(entry.text);
      if (digest) {
        name ??= digest.log;
        const isNext = digest.day === day && digest.from === covered && digest.log === name;
        if (!isNext || digest.to < covered || digest.to > index) {
          return 'its digest does not follow the one before';
        }
        const within = pending.filter((one) => one.index < digest.to);
        pending = pending.filter((one) => one.index >= digest.to);
        const wrong = await wrongInDay(db, log, { digest, within });
        if (wrong !== undefined) return wrong;
        covered = digest.to;
        day = dayPlus(day, 1);
      }
      if (numbers.length > 0 || erased > 0) pending.push({ index, numbers, erased });
      return undefined;
    },
    end: async () => {
      const kept = day === undefined ? [] : await findAuditedErasures(db, log.recipientId, day);
      const index = wronglyErased(pending, kept);
      return index === undefined ? undefined : { index, what: hiddenLeaf };
    },
  };
}

const hiddenLeaf = 'it lacks subjects that nobody has been erased for';

async function wrongInDay(
  db: Database,
  log: AuditedLog,
  { digest, within }: { digest: Digest; within: readonly Shown[] },
): Promise<string | undefined> {
  const kept = await findAuditedErasures(db, log.recipientId, digest.day);
  const hidden = wronglyErased(within, kept);
  if (hidden !== undefined) return `of the entries it covers, ${String(hidden)} lacks subjects`;
  const leaves = [
    ...(await leavesOf(db, log, { digest, within })),
    ...kept.map(({ pseudonym, entries }) => leafOf(pseudonym, numbersIn(entries))),
  ].sort((one, other) => one.compare(other));
  const hashes = leaves.map((leaf) => leaf.subarray(32));
  const root = rootOfFrontier(appendLeaves(0, [], hashes).frontier).toString('base64url');
  const isRight = digest.size === leaves.length && digest.root === root;
  return isRight ? undefined : 'its digest is not the one of the subject index';
}

/** The first entry of which another number of leaves is erased than is kept of erased customers. */
function wronglyErased(
  shown: readonly Shown[],
  kept: readonly { entries: Buffer }[],
): number | undefined {
  const accounted = new Map<number, number>();
  for (const { entries } of kept) {
    for (const index of numbersIn(entries)) accounted.set(index, (accounted.get(index) ?? 0) + 1);
  }
  for (const { index, erased } of shown) {
    if ((accounted.get(index) ?? 0) !== erased) return index;
    accounted.delete(index);
  }
  return accounted.keys().next().value;
}

/** For each customer its pseudonym and behind it the hash of its leaf. */
async function leavesOf(
  db: Database,
  { recipientId, numbered }: AuditedLog,
  { digest: { log, day }, within }: { digest: Digest; within: readonly Shown[] },
): Promise<Buffer[]> {
  if (within.length === 0) return [];
  const starts = new Uint32Array(numbered + 2);
  for (const { numbers } of within) {
    eachAscending(numbers, (number) => {
      starts[number + 1] = (starts[number + 1] ?? 0) + 1;
    });
  }
  for (let i = 1; i < starts.length; i += 1) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const indices = new Float64Array(starts.at(-1) ?? 0);
  const filled = starts.slice();
  for (const { index, numbers } of within) {
    eachAscending(numbers, (number) => {
      const at = filled[number] ?? 0;
      indices[at] = index;
      filled[number] = at + 1;
    });
  }
  const leaves: Buffer[] = [];
  for (let first = 1; first <= numbered; first += secretsAtOnce) {
    const some = Array.from(
      { length: Math.min(secretsAtOnce, numbered + 1 - first) },
      (_, i) => first + i,
    ).filter((number) => (starts[number + 1] ?? 0) > (starts[number] ?? 0));
    if (some.length === 0) continue;
    const secrets = await findAuditedSecrets(db, recipientId, some);
    for (const number of some) {
      // Who has no secret has no leaf: the digest comes out another.
      const secret = secrets.get(number);
      if (!secret) continue;
      const pseudonym = createHmac('sha256', secret).update(`${log}\n${day}`).digest();
      leaves.push(leafOf(pseudonym, indices.subarray(starts[number], starts[number + 1])));
    }
  }
  return leaves;
}

function leafOf(pseudonym: Buffer, indices: ArrayLike<number>): Buffer {
  const eights = Buffer.alloc(indices.length * 8);
  for (let i = 0; i < indices.length; i += 1) {
    eights.writeBigUInt64BE(BigInt(indices[i] ?? 0), i * 8);
  }
  const leaf = Buffer.alloc(69);
  leaf.set(pseudonym, 1);
  leaf.writeUInt32BE(indices.length, 33);
  leaf.set(createHash('sha256').update(eights).digest(), 37);
  const named = Buffer.alloc(leafBytes);
  named.set(pseudonym);
  named.set(createHash('sha256').update(leaf).digest(), 32);
  return named;
}

function digestIn(text: string): Digest | undefined {
  const said = JSON.parse(text) as Partial<Digest> & { event?: string };
  return said.event === 'subjects-digest' ? (said as Digest) : undefined;
}

function numbersIn(bytes: Buffer): number[] {
  const numbers: number[] = [];
  eachAscending(bytes, (number) => {
    numbers.push(number);
  });
  return numbers;
}

function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
