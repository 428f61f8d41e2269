import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { underDecision, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { findStatementLines, findStatementSums } from '../fees/index.ts';
import { UnknownStatement } from '../settlements/index.ts';
import { discloseLines } from './disclose-lines.ts';
import { feeQuestion, nextOf, pageAfter } from './fee-page.ts';
import { wireStatement } from './statement-wire-rules.ts';
import { statementOf, totalsOf } from './statement-rules.ts';

/**
 * Shows a partner one of its statements by its id ("2026-07.USD"): the totals of all lines, and a
 * page of the lines. Refuses an id that names none of the partner's own.
 */
export async function shareStatement(
  tools: Tools,
  ask: {
    caller: Caller;
    view?: number | undefined;
    id: string;
    limit: number;
    cursor: string | undefined;
  },
): Promise<DisclosedAnswer> {
  const { caller, id, limit } = ask;
  const { partnerId } = caller;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const only = statementOf(id);
    const [sum] = only ? await findStatementSums(tools.db, partnerId, { only }) : [];
    if (!sum) throw new Refusal(UnknownStatement);
    const page = { caller, decision, list: `fee-statement ${id}` };
    const after = pageAfter(tools, page, ask.cursor);
    const statement = { partnerId, month: sum.month, currency: sum.currency };
    const found = await findStatementLines(tools.db, statement, { after, limit: limit + 1 });
    const lines = found.slice(0, limit);
    const last = found.length > limit ? lines.at(-1)?.lineId : undefined;
    const next = nextOf(tools, page, last);
    const head = JSON.stringify(wireStatement(totalsOf(sum))).slice(0, -1);
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
