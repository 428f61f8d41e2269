import type { Tools } from '../platform/tools.ts';
import { underDecision, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { findStatementSums } from '../fees/index.ts';
import { discloseLines } from './disclose-lines.ts';
import { feeQuestion, nextOf, pageAfter } from './fee-page.ts';
import { wireStatement } from './statement-wire-rules.ts';
import { positionOf, statementAt, totalsOf } from './statement-rules.ts';

/**
 * Shows a partner the totals of its statements, the latest month first. They name no customer, so
 * the entry in the log has no subjects.
 */
export async function shareStatements(
  tools: Tools,
  ask: {
    caller: Caller;
    view?: number | undefined;
    limit: number;
    cursor: string | undefined;
  },
): Promise<DisclosedAnswer> {
  const { caller, limit } = ask;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const page = { caller, decision, list: 'fee-statements' };
    const position = pageAfter(tools, page, ask.cursor);
    const found = await findStatementSums(tools.db, caller.partnerId, {
      after: position === undefined ? undefined : statementAt(position),
      limit: limit + 1,
    });
    const sums = found.slice(0, limit);
    const last = found.length > limit ? sums.at(-1) : undefined;
    const next = nextOf(tools, page, last && positionOf(last));
    const data = JSON.stringify(sums.map((sum) => wireStatement(totalsOf(sum))));
    return discloseLines(tools, {
      caller: feeQuestion(caller).caller,
      decision,
      recordType: 'fee-statement',
      schema: 'fees/statements',
      lines: [],
      bodyOf: () => `{"data":${data},"next":${JSON.stringify(next)}}`,
    });
  });
}
