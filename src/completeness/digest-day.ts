import { findEntries } from '../archive/index.ts';
import {
  appendEvent,
  composeEvent,
  findFirstOrigin,
  findHead,
  findHeads,
  headLog,
  lockLog,
  type LogHead,
} from '../logs/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { faultFacts } from '../platform/fault-facts.ts';
import type { Randomness } from '../platform/randomness.ts';
import type { Tools } from '../platform/tools.ts';
import { dayLeaves, type Covered } from './day-leaves.ts';
import {
  dayAfter,
  dayOf,
  dayPlus,
  daysBetween,
  digestIdOf,
  type DigestText,
} from './digest-rules.ts';
import { findIndicesById, hasEvent } from './digest-store.ts';
import { growDayTree } from './tree-rules.ts';

/** Entries may lie in the archive. `db` may be a transaction. */
type Where = Pick<Tools, 'db' | 'settings'>;

/** A digest and its place in the log. */
export interface LoggedDigest {
  readonly index: number;
  readonly entry: string;
  readonly digest: DigestText;
}

/**
 * Writes the digest of each UTC day that has ended into every log that lacks it; says how many. Each
 * covers what stood in the log when it was made and is in no earlier one, so that together they have
 * no gap, and a day on which nothing happened has one too. The first is of the day of the log's
 * first entry: a log that never had one has none. Several processes may do this at once: under the
 * locked head the digest of a day is written once. A log that cannot get its digest is told in the
 * log of the process, counted, and holds up no other.
 */
export async function digestDay(tools: Tools): Promise<{ written: number; failed: number }> {
  const at = tools.clock.now();
  let [written, failed] = [0, 0];
  // The head log shows nobody, and takes one leaf a beat and nothing else.
  const heads = (await findHeads(tools.db)).filter(({ recipientId }) => recipientId !== headLog);
  for (const head of inAnyOrder(heads, tools.random)) {
    try {
      written += await digestLog(tools, head, at);
    } catch (error) {
      failed += 1;
      tools.log.error({ ...faultFacts(error), log: head.origin }, 'a log got no daily digest');
    }
  }
  return { written, failed };
}

/** Where a digest stands among the entries of its log must not tell how long those of others took. */
function inAnyOrder(heads: readonly LogHead[], random: Randomness): readonly LogHead[] {
  const drawn = heads.map((head) => ({ head, lot: random.bytes(8) }));
  return drawn.sort((one, other) => one.lot.compare(other.lot)).map(({ head }) => head);
}

async function digestLog(tools: Tools, head: LogHead, at: Date): Promise<number> {
  const { recipientId } = head;
  const yesterday = dayPlus(dayOf(at), -1);
  const origin = await findFirstOrigin(tools.db, head);
  for (let written = 0; ;) {
    const next = await nextDigest(tools, { recipientId, origin, until: yesterday });
    if (!next || next.day > yesterday) return written;
    if (await writeDigest(tools, { ...next, recipientId, origin }, at)) written += 1;
  }
}

/** The day whose digest a log gets next, and where that begins; undefined for an empty log. */
export async function nextDigest(
  where: Where,
  { recipientId, origin, until }: { recipientId: string; origin: string; until: string },
): Promise<{ day: string; from: number } | undefined> {
  const first = await firstDay(where, recipientId);
  if (first === undefined) return undefined;
  // Days have digests from the first on without a gap: search for the last that has one.
  let [none, some] = [daysBetween(first, until).length, -1];
  let found: DigestText | undefined;
  while (none - some > 1) {
    const middle = Math.floor((none + some) / 2);
    const [digest] = await digestsOf(where, { recipientId, origin }, [dayPlus(first, middle)]);
    if (digest) [some, found] = [middle, digest.digest];
    else none = middle;
  }
  return found ? { day: dayAfter(found.day), from: found.to } : { day: first, from: 0 };
}

/** Every digest of a log up to a moment, in order. */
export async function findDigests(
  where: Where,
  { recipientId, origin }: { recipientId: string; origin: string },
  until: Date,
): Promise<LoggedDigest[]> {
  const first = await firstDay(where, recipientId);
  if (first === undefined) return [];
  const log = await findFirstOrigin(where.db, { recipientId, origin });
  return digestsOf(where, { recipientId, origin: log }, daysBetween(first, dayOf(until)));
}

async function firstDay(where: Where, recipientId: string): Promise<string | undefined> {
  const [entry] = await findEntries(where, recipientId, { from: 0, to: 1 });
  return entry && dayOf((JSON.parse(entry.entry) as { at: string }).at);
}

async function digestsOf(
  where: Where,
  { recipientId, origin }: { recipientId: string; origin: string },
  days: readonly string[],
): Promise<LoggedDigest[]> {
  const ids = days.map((day) => digestIdOf(origin, day));
  const digests: LoggedDigest[] = [];
  for (const index of await findIndicesById(where.db, recipientId, ids)) {
    const [one] = await findEntries(where, recipientId, { from: index, to: index + 1 });
    if (!one) throw new Error('A digest that has an index is an entry.');
    digests.push({ index, entry: one.entry, digest: JSON.parse(one.entry) as DigestText });
  }
  return digests;
}

/** False where another process was faster, or somebody was erased meanwhile: look again. */
async function writeDigest(tools: Tools, next: Omit<Covered, 'to'>, at: Date): Promise<boolean> {
  const within = (tx: Transaction): Where => ({ ...tools, db: tx });
  const { recipientId, origin, day, from } = next;
  const to = (await findHead(tools.db, recipientId))?.size ?? from;
  const { size, root } = await growDayTree(() => dayLeaves(tools, { ...next, to }));
  return inTransaction(tools.db, async (tx) => {
    const head = await lockLog(tx, recipientId);
    if (!head) throw new Error(`The log ${origin} is gone.`);
    const [other] = await digestsOf(within(tx), next, [day]);
    const isErased = await hasEvent(tx, { recipientId, event: 'erasure', from: to });
    if (other || isErased) return false;
    const facts = {
      ...{ event: 'subjects-digest', log: origin, day, from, to, size },
      root: root.toString('base64url'),
    };
    const made = { entryId: digestIdOf(origin, day), at, secret: tools.random.bytes(32) };
    await appendEvent(tx, head, composeEvent(recipientId, facts, made));
    return true;
  });
}
