import { appendEvent, composeEvent, lockLog } from '../logs/index.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { findClosedStatement, insertLogged } from './settlement-store.ts';
import { UnknownStatement, type StatementName } from './settlement.ts';
import { Refusal } from '../platform/refusal.ts';

/**
 * Appends a closed statement's hash to the partner's log, once, however often it is asked: before
 * that the statement is shown to nobody outside.
 */
export async function logStatement(tools: Tools, name: StatementName): Promise<void> {
  await inTransaction(tools.db, async (tx) => {
    // The head of the log is what all who would write this wait for.
    const head = await lockLog(tx, name.partnerId);
    if (!head) throw new Error('Every partner has a log.');
    const statement = await findClosedStatement(tx, name);
    if (!statement) throw new Refusal(UnknownStatement);
    if (statement.isLogged) return;
    const [entryId, at] = [newUuid(tools), tools.clock.now()];
    const sha256 = statement.sha256.toString('hex');
    const facts = { event: 'statement-closed', statement: statement.id, sha256 };
    const made = { entryId, at, secret: tools.random.bytes(32) };
    await appendEvent(tx, head, composeEvent(name.partnerId, facts, made));
    await insertLogged(tx, statement, { entryId, at });
  });
}
