import type { PartnerId } from '../partners/index.ts';
import { addMonths } from '../platform/calendar-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findStatementLines, findStatementSums } from '../fees/index.ts';
import type { AccrualLine } from '../fees/index.ts';
import { findClosedStatements, sumDue, UnknownStatement } from '../settlements/index.ts';
import type { StatementTotals } from './statement.ts';
import { draftsOf, lastOf } from './statement-rules.ts';

export type DraftStatement = StatementTotals & { readonly lines: readonly AccrualLine[] };

/**
 * The draft statement of a partner for one month (YYYY-MM) and currency: the stored lines that
 * become available in that month, in the order of their ids. The first month that is not closed opens
 * with what was carried forward, and has the adjustments that a close would make. Refuses a month and
 * currency that have no line, and what is closed.
 */
export async function draftStatement(
  tools: Tools,
  statement: { partnerId: PartnerId; month: string; currency: string },
): Promise<DraftStatement> {
  const { partnerId, month, currency } = statement;
  const drafts = await draftStatements(tools, { partnerId });
  const draft = drafts.find((one) => one.month === month && one.currency === currency);
  if (!draft) throw new Refusal(UnknownStatement);
  return { ...draft, lines: await findStatementLines(tools.db, statement) };
}

/**
 * The totals of every draft statement of a partner, the latest month first: with the adjustments that
 * a close would make, on the first of each currency that is open.
 */
export async function draftStatements(
  { db }: Pick<Tools, 'db'>,
  { partnerId }: { partnerId: PartnerId },
): Promise<StatementTotals[]> {
  const closed = await findClosedStatements(db, { partnerId });
  const drafts = draftsOf(await findStatementSums(db, partnerId), closed);
  const found: StatementTotals[] = [];
  for (const draft of drafts) {
    const { month, currency } = draft;
    const last = lastOf(closed, currency);
    const isNext = !drafts.some((one) => one.currency === currency && one.month < month);
    if (!last || !isNext) {
      found.push(draft);
      continue;
    }
    const { adjustedMinor } = await sumDue(db, {
      ...{ partnerId, currency, number: last.number + 1 },
      ...{ fromDay: `${month}-01`, untilDay: addMonths(`${month}-01`, 1) },
    });
    const closingMinor = draft.closingMinor + adjustedMinor;
    found.push({ ...draft, adjustedMinor, closingMinor });
  }
  return found;
}
