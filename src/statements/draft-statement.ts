import type { PartnerId } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findStatementLines, findStatementSums } from '../fees/index.ts';
import type { AccrualLine } from '../fees/index.ts';
import { UnknownStatement } from '../settlements/index.ts';
import type { StatementTotals } from './statement.ts';
import { totalsOf } from './statement-rules.ts';

export type DraftStatement = StatementTotals & { readonly lines: readonly AccrualLine[] };

/**
 * The draft statement of a partner for one month (YYYY-MM) and currency: the stored lines that
 * become available in that month, in the order of their ids. Until statements are closed, each opens
 * with nothing. Refuses a month and currency that have no line.
 */
export async function draftStatement(
  tools: Tools,
  statement: { partnerId: PartnerId; month: string; currency: string },
): Promise<DraftStatement> {
  const { partnerId, month, currency } = statement;
  const [sum] = await findStatementSums(tools.db, partnerId, { only: { month, currency } });
  if (!sum) throw new Refusal(UnknownStatement);
  return { ...totalsOf(sum), lines: await findStatementLines(tools.db, statement) };
}

/** The totals of every draft statement of a partner, the latest month first. */
export async function draftStatements(
  tools: Tools,
  { partnerId }: { partnerId: PartnerId },
): Promise<StatementTotals[]> {
  return (await findStatementSums(tools.db, partnerId)).map(totalsOf);
}
