import { queryNamed, type Statement, type Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { rootOfFrontier } from '../transparency/index.ts';
import { appendEvent, lockLog } from './append-event.ts';
import { composeEvent, type LogEvent } from './event-rules.ts';
import { headLog, type LogHead } from './log.ts';
import { drawLog, headLogName, renewalsIn } from './open-log.ts';

const renewal: Statement = { name: 'log-renew', text: 'select renew_log($1, $2, $3)' };

/**
 * Gives a log a new name, host/log/…, and writes down why as the next entry: what was signed under
 * the old name and is gone stays a promise of the old one. The head log's number is above that of
 * `publishedOrigin` too: a backup knows nothing of renewals after it. Gives the head after it.
 */
export async function renewLog(
  tx: Transaction,
  tools: Tools,
  {
    recipientId,
    facts,
    publishedOrigin = '',
  }: { recipientId: string; facts: Omit<LogEvent, 'event'>; publishedOrigin?: string },
): Promise<LogHead | undefined> {
  const head = await lockLog(tx, recipientId);
  if (!head) return undefined;
  const renewals = Math.max(...[head.origin, publishedOrigin].map(renewalsIn));
  const { logId, origin } =
    recipientId === headLog ? headLogName(tools.settings, renewals + 1) : await drawLog(tx, tools);
  await queryNamed(tx, renewal, [recipientId, logId, origin]);
  const root = rootOfFrontier(head.frontier).toString('base64url');
  const event = composeEvent(
    recipientId,
    { ...facts, event: 'renewed', was: head.origin, size: head.size, root },
    { entryId: newUuid(tools), at: tools.clock.now(), secret: tools.random.bytes(32) },
  );
  return appendEvent(tx, { ...head, logId, origin }, event);
}
