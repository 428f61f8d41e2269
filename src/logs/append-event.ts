import { queryNamed, type Transaction } from '../platform/database.ts';
import { appendLeaves } from '../transparency/index.ts';
import type { ComposedEntry } from './log.ts';
import { appendToHead, lockHead, type Queries } from './head-store.ts';
import type { LogHead } from './log.ts';

/** The head of a recipient's log, which nobody else can move before this transaction ends. */
export function lockLog(tx: Transaction, recipientId: string): Promise<LogHead | undefined> {
  return lockHead(queriesOf(tx), recipientId);
}

/** Appends an event behind a head that `lockLog` holds; gives the head after it. */
export async function appendEvent(
  tx: Transaction,
  head: LogHead,
  event: ComposedEntry,
): Promise<LogHead> {
  const { frontier, completed } = appendLeaves(head.size, head.frontier, [event.leafHash]);
  const entries = [event];
  if (!(await appendToHead(queriesOf(tx), head, { entries, frontier, completed }))) {
    throw new Error('The head of a log moved though it was held.');
  }
  return { ...head, size: head.size + 1, frontier };
}

function queriesOf(tx: Transaction): Queries {
  const query: Queries['query'] = async (statement, values = []) => {
    if (typeof statement === 'string') throw new Error('A statement here has a name.');
    const rows: never[] = await queryNamed(tx, statement, values);
    return { rows, rowCount: rows.length };
  };
  return { query };
}
