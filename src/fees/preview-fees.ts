import { inOrder, type AccrualLine } from '../earnings/index.ts';
import { findPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { computeLines } from './compute-lines.ts';
import { sumByMonth, type FeeMonth } from './line-rules.ts';

export interface FeePreview {
  readonly months: readonly FeeMonth[];
  /** In the order (moment, id). */
  readonly lines: readonly AccrualLine[];
}

/**
 * Computes what a partner's payments earn and its refunds take back, in one month (YYYY-MM, by the
 * agreement's days) or ever, and writes nothing. Refuses an unknown partner.
 */
export async function previewFees(
  tools: Tools,
  { partnerId, month }: { partnerId: PartnerId; month?: string | undefined },
): Promise<FeePreview> {
  if (!(await findPartner(tools.db, partnerId))) throw new Refusal(UnknownPartner);
  const lines = await inTransaction(tools.db, async (tx) => {
    await tx.raw('set transaction isolation level repeatable read, read only');
    const found: AccrualLine[] = [];
    for await (const lines of computeLines(tx, partnerId)) {
      for (const line of lines) {
        if (month === undefined || line.month === month) found.push(line);
      }
    }
    return found;
  });
  return { months: sumByMonth(lines), lines: inOrder(lines) };
}
