import { inTransaction, type Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import {
  appendEvent,
  composeEvent,
  findHeads,
  findStoredEntries,
  headLog,
  lockLog,
  openHeadLog,
  type LogHead,
} from '../logs/index.ts';
import { placeTree, rootOfFrontier } from '../transparency/index.ts';
import { beatOf } from './beat-rules.ts';
import { findPlaces, insertPlaces, type LogPlace } from './place-store.ts';

/**
 * Appends the one entry of this beat to the head log: the root over the places of all logs, as they
 * are committed now. Undefined where the beat has its entry already, whoever took it: any number of
 * processes may try.
 */
export async function takeBeat(tools: Tools): Promise<LogHead | undefined> {
  const now = tools.clock.now();
  return inTransaction(tools.db, async (tx) => {
    const head = await lockHeadLog(tx, tools);
    if (!(await isDue(tx, tools, { head, now }))) return undefined;
    const places = await readPlaces(tx);
    const secret = tools.random.bytes(32);
    const root = placeTree(secret, places).root.toString('base64url');
    const made = { entryId: newUuid(tools), at: now, secret };
    const after = await appendEvent(tx, head, composeEvent(headLog, { event: 'beat', root }, made));
    await insertPlaces(tx, head.size, await changedAmong(tx, places, head.size));
    return after;
  });
}

async function lockHeadLog(tx: Transaction, tools: Tools): Promise<LogHead> {
  const head = await lockLog(tx, headLog);
  if (head) return head;
  await openHeadLog(tx, tools);
  const opened = await lockLog(tx, headLog);
  if (!opened) throw new Error('The head log was opened and is not there.');
  return opened;
}

/** A last entry from a time to come is a clock's that ran ahead: it must not hold up the others. */
async function isDue(
  tx: Transaction,
  { settings: { beatSeconds }, log }: Tools,
  { head: { size }, now }: { head: LogHead; now: Date },
): Promise<boolean> {
  // The last entry of a log is never detached.
  const [last] = await findStoredEntries(tx, headLog, { from: size - 1, to: size });
  if (typeof last?.entry !== 'string') return true;
  const { at } = JSON.parse(last.entry) as { at: string };
  const [taken, present] = [beatOf(new Date(at), beatSeconds), beatOf(now, beatSeconds)];
  const isAhead = taken > present + 1;
  if (isAhead) log.error({ at }, 'the last beat is from a time to come: a clock is wrong');
  return taken < present || isAhead;
}

async function readPlaces(tx: Transaction): Promise<LogPlace[]> {
  const heads = await findHeads(tx);
  return heads
    .filter(({ recipientId }) => recipientId !== headLog)
    .map(({ recipientId, origin, size, frontier }) => ({
      recipientId,
      origin,
      size,
      root: rootOfFrontier(frontier),
    }));
}

async function changedAmong(
  tx: Transaction,
  places: readonly LogPlace[],
  beat: number,
): Promise<LogPlace[]> {
  const before = new Map((await findPlaces(tx, beat - 1)).map((one) => [one.recipientId, one]));
  return places.filter(({ recipientId, origin, size }) => {
    const last = before.get(recipientId);
    return last?.size !== size || last.origin !== origin;
  });
}
