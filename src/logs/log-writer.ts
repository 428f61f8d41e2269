import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isLostRace } from '../platform/database-errors.ts';
import type { Session } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import { faultFacts } from '../platform/fault-facts.ts';
import { Refusal } from '../platform/refusal.ts';
import type { ComposedEntry, Written } from './log.ts';
import { appendToHead, lockHead, readHeads } from './head-store.ts';
import { LogUnavailable, UnknownLog, type LogHead } from './log.ts';
import { appendLeaves } from '../transparency/index.ts';

/** Writes entries in groups: one transaction for all that wait, on one connection of its own. */
export interface LogWriter {
  /**
   * Answers when the entry's transaction is committed, or when its epoch is over. Throws Refusal
   * `log-unavailable` on any doubt: an error of COMMIT has an unknown outcome, and a lost
   * connection may have been one.
   */
  write(entry: ComposedEntry): Promise<Written>;
  /** Refuses new entries, waits for those under way and gives the connection back. */
  close(): Promise<void>;
}

interface Waiting {
  readonly entry: ComposedEntry;
  readonly settle: (written: Written) => void;
  readonly refuse: (error: Error) => void;
}

const nothing = (): void => undefined;

const mostWaiting = 10_000;
const mostInBatch = 256;
/** Up to so many at once nobody waits for company: it would only make them slower. */
const fewInFlight = 4;
const lingerMs = 2;
const mostTries = 5;

/** Starts a writer; `open` gives it a session when it first needs one and after each it lost. */
export function startLogWriter(open: () => Promise<Session>, log: Logger): LogWriter {
  const queue: Waiting[] = [];
  const heads = new Map<string, LogHead>();
  let session: Session | undefined;
  let running: Promise<void> | undefined;
  let lastBatch = 0;
  let isClosed = false;
  let arrived = nothing;

  const write = (entry: ComposedEntry): Promise<Written> => {
    if (isClosed || queue.length >= mostWaiting) {
      const detail = isClosed ? 'The log is being closed.' : 'Too many entries wait for the log.';
      return Promise.reject(new Refusal(LogUnavailable, detail, { retryAfterSeconds: 1 }));
    }
    return new Promise((settle, refuse) => {
      queue.push({ entry, settle, refuse });
      arrived();
      running ??= run();
    });
  };

  async function run(): Promise<void> {
    // One turn of the event loop brings in what arrived with the first.
    await setImmediate();
    while (queue.length > 0) {
      await linger();
      const batch = queue.splice(0, mostInBatch);
      lastBatch = batch.length;
      await writeBatch(batch);
    }
    running = undefined;
  }

  /** Waits a moment for as many as came the last time: they come back together. */
  async function linger(): Promise<void> {
    if (lastBatch <= fewInFlight || queue.length >= lastBatch) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lingerMs);
      arrived = () => {
        if (queue.length < lastBatch) return;
        clearTimeout(timer);
        resolve();
      };
    });
    arrived = nothing;
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      if (session?.isLost()) giveUp(session);
      session ??= await open();
      let left = batch;
      for (let tries = 1; left.length > 0; tries += 1) {
        if (tries > mostTries) throw new Error('The heads of the logs kept moving.');
        left = await attempt(session, heads, { waiting: left, isLocked: tries > 1 });
      }
    } catch (error) {
      log.error(
        { ...faultFacts(error), entries: batch.length },
        'disclosures could not be logged for certain',
      );
      giveUp(session);
      // Who was answered before keeps its answer.
      refuseAll(batch, new Refusal(LogUnavailable, undefined, { retryAfterSeconds: 1 }));
    }
  }

  function giveUp(lost: Session | undefined): void {
    lost?.release(true);
    session = undefined;
    heads.clear();
  }

  const close = async (): Promise<void> => {
    isClosed = true;
    await running;
    session?.release();
    session = undefined;
  };

  return { write, close };
}

interface Group {
  readonly recipientId: string;
  readonly waiting: readonly Waiting[];
}

/** What became of one recipient's group, once the transaction is committed. */
interface Outcome {
  readonly lost: readonly Waiting[];
  tell(): void;
}

/**
 * Writes what it can and gives back what lost a race, to be tried again with the heads locked.
 * Heads are taken in the order of their ids, each by one statement.
 */
async function attempt(
  session: Session,
  heads: Map<string, LogHead>,
  { waiting, isLocked }: { waiting: readonly Waiting[]; isLocked: boolean },
): Promise<readonly Waiting[]> {
  const byRecipient = groupBy(waiting, ({ entry }) => entry.recipientId);
  const groups = [...byRecipient]
    .map(([recipientId, group]): Group => ({ recipientId, waiting: group }))
    .sort((one, other) => (one.recipientId < other.recipientId ? -1 : 1));
  // One statement is a transaction by itself; several need to be made one.
  const isTransaction = isLocked || groups.length > 1;
  const outcomes: Outcome[] = [];
  try {
    if (isTransaction) await session.query('begin');
    await (isLocked ? lockHeads : refreshHeads)(session, heads, groups);
    for (const group of groups) outcomes.push(await appendGroup(session, heads, group));
  } catch (error) {
    // A deadlock is the one failure after which it is certain that nothing was written.
    if (isLocked || !isLostRace(error)) throw error;
    if (isTransaction) await session.query('rollback');
    for (const { recipientId } of groups) heads.delete(recipientId);
    return waiting;
  }
  if (isTransaction) await session.query('commit');
  for (const outcome of outcomes) outcome.tell();
  return outcomes.flatMap(({ lost }) => lost);
}

async function appendGroup(
  session: Session,
  heads: Map<string, LogHead>,
  { recipientId, waiting }: Group,
): Promise<Outcome> {
  const head = heads.get(recipientId);
  const present = head ? waiting.filter(({ entry }) => holdsIn(head, entry)) : [];
  const next = head && present.length > 0 ? await append(session, head, present) : head;
  if (!next) heads.delete(recipientId);
  return {
    lost: head && !next ? present : [],
    tell: () => {
      if (!head) {
        refuseAll(waiting, new Refusal(UnknownLog));
        return;
      }
      for (const { entry, settle } of waiting) {
        if (!holdsIn(head, entry)) settle({ appended: false, because: 'epoch-changed' });
      }
      if (!next) return;
      heads.set(recipientId, next);
      for (const [i, { settle }] of present.entries()) {
        settle({ appended: true, index: head.size + i });
      }
    },
  };
}

function holdsIn({ epoch }: LogHead, entry: ComposedEntry): boolean {
  return entry.epoch === null || entry.epoch === epoch;
}

/** The head after these entries; undefined when somebody else has moved it or raised its epoch. */
async function append(
  session: Session,
  head: LogHead,
  waiting: readonly Waiting[],
): Promise<LogHead | undefined> {
  const entries = waiting.map(({ entry }) => entry);
  const leaves = entries.map((entry) => entry.leafHash);
  const { frontier, completed } = appendLeaves(head.size, head.frontier, leaves);
  const isWritten = await appendToHead(session, head, { entries, frontier, completed });
  return isWritten ? { ...head, size: head.size + entries.length, frontier } : undefined;
}

/** Reads the heads that are unknown, or older than the epoch that a decision was read in. */
async function refreshHeads(
  session: Session,
  heads: Map<string, LogHead>,
  groups: readonly Group[],
): Promise<void> {
  const stale = groups.filter(({ recipientId, waiting }) => {
    const head = heads.get(recipientId);
    return !head || waiting.some(({ entry }) => entry.epoch !== null && entry.epoch > head.epoch);
  });
  if (stale.length === 0) return;
  const ids = stale.map(({ recipientId }) => recipientId);
  for (const head of await readHeads(session, ids)) heads.set(head.recipientId, head);
}

async function lockHeads(
  session: Session,
  heads: Map<string, LogHead>,
  groups: readonly Group[],
): Promise<void> {
  for (const { recipientId } of groups) {
    const head = await lockHead(session, recipientId);
    if (head) heads.set(recipientId, head);
  }
}

function refuseAll(waiting: readonly Waiting[], refusal: Refusal): void {
  for (const { refuse } of waiting) refuse(refusal);
}
