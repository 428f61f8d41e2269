import type { Tools } from '../platform/tools.ts';
import { underDecision, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { findLines } from '../fees/index.ts';
import { discloseLines } from './disclose-lines.ts';
import { feeQuestion, nextOf, pageAfter } from './fee-page.ts';

/**
 * Shows a partner one page of its own fee lines, of all or of those that become available in one
 * month (YYYY-MM), and writes down that it did; what comes back may be sent. The order is that of
 * ids and says nothing about when.
 */
export async function shareAccruals(
  tools: Tools,
  ask: {
    caller: Caller;
    view?: number | undefined;
    month: string | undefined;
    limit: number;
    cursor: string | undefined;
  },
): Promise<DisclosedAnswer> {
  const { caller, month, limit } = ask;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const page = { caller, decision, list: `fee-accruals ${month ?? 'of all months'}` };
    const after = pageAfter(tools, page, ask.cursor);
    const found = await findLines(tools.db, caller.partnerId, { month, after, limit: limit + 1 });
    const lines = found.slice(0, limit);
    const last = found.length > limit ? lines.at(-1)?.lineId : undefined;
    const next = nextOf(tools, page, last);
    return discloseLines(tools, {
      caller: feeQuestion(caller).caller,
      decision,
      recordType: 'fee-accrual',
      schema: 'fees/accruals',
      lines,
      bodyOf: (data) => `{"data":${data},"next":${JSON.stringify(next)}}`,
    });
  });
}
