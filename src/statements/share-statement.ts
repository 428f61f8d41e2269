import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { underDecision, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { findLinesOfDays } from '../fees/index.ts';
import { findClosedStatement, UnknownStatement } from '../settlements/index.ts';
import { shareClosed } from './share-closed.ts';
import { StatementOpen } from './statement.ts';
import { draftStatements } from './draft-statement.ts';
import { discloseLines } from './disclose-lines.ts';
import { feeQuestion, nextOf, pageAfter } from './fee-page.ts';
import { wireStatement } from './statement-wire-rules.ts';
import { periodOf } from './statement-rules.ts';

/**
 * Shows a partner one of its statements by its id ("2026-07.USD"): the totals of all lines, and a page of
 * the lines. Refuses an id that names none of the partner's own.
 */
export async function shareStatement(
  tools: Tools,
  ask: {
    caller: Caller;
    view?: number | undefined;
    id: string;
    /** application/json, or a closed statement as a paper. */
    media: string;
    limit: number;
    cursor: string | undefined;
  },
): Promise<DisclosedAnswer> {
  const { caller, id, limit } = ask;
  const { partnerId } = caller;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const named = periodOf(id);
    const closed = named && (await findClosedStatement(tools.db, { partnerId, ...named }));
    if (closed) return shareClosed(tools, { ...ask, decision, closed });
    const drafts = await draftStatements(tools, { partnerId });
    const draft = drafts.find((one) => one.id === id);
    if (!draft) throw new Refusal(UnknownStatement);
    if (ask.media !== 'application/json') throw new Refusal(StatementOpen);
    const page = { caller, decision, list: `fee-statement ${id}` };
    const after = pageAfter(tools, page, ask.cursor);
    const days = { partnerId, ...draft };
    const found = await findLinesOfDays(tools.db, days, { after, limit: limit + 1 });
    const lines = found.slice(0, limit);
    const last = found.length > limit ? lines.at(-1)?.lineId : undefined;
    const next = nextOf(tools, page, last);
    const head = JSON.stringify(wireStatement(draft)).slice(0, -1);
    return discloseLines(tools, {
      caller: feeQuestion(caller).caller,
      decision,
      recordType: 'fee-statement',
      schema: 'fees/statement',
      lines,
      bodyOf: (wire) => `${head},"lines":${wire},"next":${JSON.stringify(next)}}`,
    });
  });
}
