import type { Tools } from '../platform/tools.ts';
import { underDecision, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { findClosedStatements, logStatement, type ClosedStatement } from '../settlements/index.ts';
import { draftStatements } from './draft-statement.ts';
import { discloseLines } from './disclose-lines.ts';
import { feeQuestion, nextOf, pageAfter } from './fee-page.ts';
import { wireClosed, wireStatement } from './statement-wire-rules.ts';
import { positionOf, statementAt } from './statement-rules.ts';

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
    const { partnerId } = caller;
    const last = position === undefined ? undefined : statementAt(position);
    const left = [
      ...(await draftStatements(tools, { partnerId })).map(wireStatement),
      ...(await closedAndLogged(tools, partnerId)).map(wireClosed),
    ]
      .filter((one) => last === undefined || latestFirst({ id: last }, one) < 0)
      .sort(latestFirst);
    const shown = left.slice(0, limit);
    const end = left.length > limit ? shown.at(-1) : undefined;
    const next = nextOf(tools, page, end && positionOf(end.id));
    const data = JSON.stringify(shown);
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

/** What a crash left out of the log is written there before it is shown. */
async function closedAndLogged(
  tools: Tools,
  partnerId: Caller['partnerId'],
): Promise<ClosedStatement[]> {
  const closed = await findClosedStatements(tools.db, { partnerId });
  for (const one of closed) if (!one.isLogged) await logStatement(tools, one);
  return closed;
}

/** By period, the latest first, and in it by currency. */
function latestFirst(one: { id: string }, other: { id: string }): number {
  if (one.id === other.id) return 0;
  const [[period = '', currency = ''], [its = '', itsCurrency = '']] = [
    one.id.split('.'),
    other.id.split('.'),
  ];
  if (period !== its) return period < its ? 1 : -1;
  return currency < itsCurrency ? -1 : 1;
}
