import { findAgreementVersions, type AgreementVersion } from '../agreements/index.ts';
import { findHalfMonthSums, findLinesOfDays, type AccrualLine } from '../fees/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  findClosedStatements,
  findDueAdjustments,
  findLineDays,
  sumDue,
  UnknownStatement,
  type DueAdjustment,
} from '../settlements/index.ts';
import { carriedBy, draftsOf, openChains, openedWith } from './statement-rules.ts';
import { findTransfersDue, hasStatedTransfers, type DueTransfers } from '../transfers/index.ts';
import type { StatementTotals } from './statement.ts';

export interface DraftStatement extends StatementTotals {
  readonly lines: readonly AccrualLine[];
  /** Differences to what closed statements state. */
  readonly adjustments: readonly DueAdjustment[];
}

/**
 * The draft statement of a partner by its id ("2026-07.USD"): the stored lines that become available
 * in its period, in the order of their ids. The first period that is not closed opens with what was
 * carried forward, and has the adjustments that a close would make. Refuses an id that names none,
 * and what is closed.
 */
export async function draftStatement(
  tools: Pick<Tools, 'db'>,
  { partnerId, id }: { partnerId: PartnerId; id: string },
): Promise<DraftStatement> {
  const drafts = await draftStatements(tools, { partnerId });
  const draft = drafts.find((one) => one.id === id);
  if (!draft) throw new Refusal(UnknownStatement);
  const days = { partnerId, ...draft };
  const adjustments = draft.adjustmentCount > 0 ? await findDueAdjustments(tools.db, days) : [];
  return { ...draft, lines: await findLinesOfDays(tools.db, days), adjustments };
}

/**
 * The totals of every draft statement of a partner, the latest period first: of the first of each
 * currency that is open with the adjustments that a close would make. Each opens with what the one
 * before carries on. One on which nothing would stand is none.
 */
export async function draftStatements(
  { db }: Pick<Tools, 'db'>,
  { partnerId }: { partnerId: PartnerId },
): Promise<StatementTotals[]> {
  const closed = await findClosedStatements(db, { partnerId });
  const sums = await findHalfMonthSums(db, partnerId);
  const versions = await findAgreementVersions(db, partnerId);
  const transfers = await findTransfersDue(db, partnerId);
  const found: StatementTotals[] = [];
  for (const chain of openChains([...sums, ...collectedOf(transfers)], closed, versions)) {
    const [first, ...later] = draftsOf(chain, sums, versions, transfers);
    if (!first) continue;
    const number = closed.filter(({ currency }) => currency === chain.currency).length + 1;
    const next = number === 1 ? first : await withAdjustments(db, { partnerId, number }, first);
    if (next.closingMinor !== 0n || next.lineCount + next.adjustmentCount > 0) found.push(next);
    const holdsTransfers = await hasStatedTransfers(db, { partnerId, currency: chain.currency });
    const opened = { partnerId, versions, before: next, holdsTransfers };
    found.push(...(await chained(db, opened, later)));
  }
  return found.sort((a, b) => (a.fromDay === b.fromDay ? 0 : a.fromDay < b.fromDay ? 1 : -1));
}

/** What was remitted has no day of its own: something was owed before. */
function collectedOf(transfers: readonly DueTransfers[]): DueTransfers[] {
  return transfers.filter(({ collectedMinor }) => collectedMinor !== 0n);
}

/** Opens each draft with what the one before carries on. */
async function chained(
  db: Database,
  chain: {
    partnerId: PartnerId;
    versions: readonly AgreementVersion[];
    before: StatementTotals;
    /** Whether a closed statement states transfers. */
    holdsTransfers: boolean;
  },
  drafts: readonly StatementTotals[],
): Promise<StatementTotals[]> {
  const { partnerId, versions } = chain;
  // When something was earned last matters only where a balance may be forfeited.
  const mayForfeit = versions.some(({ terms }) => terms.fee?.forfeitAfterMonths !== undefined);
  let { before, holdsTransfers } = chain;
  const opened: StatementTotals[] = [];
  for (const draft of drafts) {
    const days = mayForfeit ? await findLineDays(db, { ...before, partnerId }) : undefined;
    holdsTransfers ||= before.collectedMinor !== 0n || before.remittedMinor !== 0n;
    const standing = { lastEarnedOn: days?.lastEarned, holdsTransfers };
    before = openedWith(carriedBy(before, versions, standing), draft);
    opened.push(before);
  }
  return opened;
}

async function withAdjustments(
  db: Database,
  statement: { partnerId: PartnerId; number: number },
  draft: StatementTotals,
): Promise<StatementTotals> {
  const due = await sumDue(db, { ...statement, ...draft });
  const { adjustedMinor, adjustmentCount, agreementVersions } = due;
  const closingMinor = draft.closingMinor + adjustedMinor;
  return { ...draft, adjustedMinor, adjustmentCount, closingMinor, agreementVersions };
}
