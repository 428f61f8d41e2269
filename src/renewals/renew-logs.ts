import { inTransaction } from '../platform/database.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findHeads, headLog, openHeadLog, renewLog, signHead } from '../logs/index.ts';
import { findLost, type Lost } from './guard-rollback.ts';
import { keep } from './kept-checkpoint.ts';

export const LogIntact: RefusalKind = {
  code: 'log-intact',
  status: 409,
  title: 'Nothing that was published of the logs is lost, so they keep their names.',
};

interface Renewing {
  readonly reason: string;
  /** Asks the witnesses what they know of that is gone. */
  readonly findWitnessed?: () => Promise<Lost | undefined>;
}

/**
 * After a roll-back: every log goes on under a new name, with an entry that says why and what it was.
 * The head log's says also what is lost, as the kept checkpoint or else `findWitnessed` tells. Throws
 * Refusal `log-intact` where nothing is.
 */
export async function renewLogs(
  tools: Tools,
  { reason, findWitnessed }: Renewing,
): Promise<{ readonly logs: number; readonly lost: Lost }> {
  const lost = (await findLost(tools)) ?? (await findWitnessed?.());
  if (!lost) throw new Refusal(LogIntact);
  const { logs, head } = await inTransaction(tools.db, async (tx) => {
    const heads = await findHeads(tx);
    const recipients = heads.map(({ recipientId }) => recipientId).filter((id) => id !== headLog);
    for (const recipientId of recipients.toSorted()) {
      await renewLog(tx, tools, { recipientId, facts: { reason } });
    }
    // A backup may be older than the first beat.
    await openHeadLog(tx, tools);
    const facts = {
      ...{ reason, lostSize: lost.size },
      ...(lost.root && { lostRoot: lost.root.toString('base64url') }),
    };
    return {
      logs: recipients.length,
      head: await renewLog(tx, tools, {
        recipientId: headLog,
        facts,
        publishedOrigin: lost.origin,
      }),
    };
  });
  if (head) keep(tools.settings, signHead(tools.settings, head));
  return { logs, lost };
}
