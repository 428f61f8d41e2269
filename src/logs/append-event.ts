import {
  queryNamed,
  type Session,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import { appendLeaves } from '../transparency/index.ts';
import type { ComposedEntry } from './entry.ts';
import { appendToHead, lockHead } from './head-store.ts';
import { noLog, type LogHead } from './log.ts';

/**
 * Writes what a log says of itself, in the transaction of what it says. `compose` sees the head as
 * nobody else can move it any more, and may still make nothing of it (undefined).
 */
export async function appendEvent(
  tx: Transaction,
  recipientId: string,
  compose: (head: LogHead) => Promise<ComposedEntry | undefined> | ComposedEntry | undefined,
): Promise<{ index: number } | undefined> {
  const session = sessionOf(tx);
  const head = await lockHead(session, recipientId);
  if (!head) throw noLog(recipientId);
  const entry = await compose(head);
  if (!entry) return undefined;
  const { frontier, completed } = appendLeaves(head.size, head.frontier, [entry.leafHash]);
  const isWritten = await appendToHead(session, head, { entries: [entry], frontier, completed });
  if (!isWritten) throw new Error('A locked head of a log has moved.');
  return { index: head.size };
}

/** The part of a session that a transaction can stand in for. */
function sessionOf(tx: Transaction): Session {
  return {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the session's own signature
    query: async <Row>(statement: string | Statement, values: readonly unknown[] = []) => {
      const named = typeof statement === 'string' ? { name: '', text: statement } : statement;
      const rows = await queryNamed<Row>(tx, named, values);
      return { rows, rowCount: rows.length };
    },
    isLost: () => false,
    release: () => undefined,
  };
}
