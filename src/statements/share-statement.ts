import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { uuidText } from '../platform/uuid.ts';
import { underDecision, type Allowed, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { findLinesOfDays, type AccrualLine } from '../fees/index.ts';
import {
  findClosedStatement,
  findDueAdjustments,
  statementNamed,
  UnknownStatement,
  type DueAdjustment,
} from '../settlements/index.ts';
import { shareClosed } from './share-closed.ts';
import { StatementOpen, type StatementTotals } from './statement.ts';
import { draftStatements } from './draft-statement.ts';
import { discloseLines } from './disclose-lines.ts';
import { feeQuestion, goesOnWith, nextOf, pageAfter } from './fee-page.ts';
import { wireStatement } from './statement-wire-rules.ts';

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
  const { caller, id } = ask;
  const { partnerId } = caller;
  return underDecision(tools, { ...feeQuestion(caller), view: ask.view }, async (decision) => {
    const named = statementNamed(id);
    const closed = named && (await findClosedStatement(tools.db, { partnerId, ...named }));
    if (closed) return shareClosed(tools, { ...ask, decision, closed });
    const drafts = await draftStatements(tools, { partnerId });
    const draft = drafts.find((one) => one.id === id);
    if (!draft) throw new Refusal(UnknownStatement);
    if (ask.media !== 'application/json') throw new Refusal(StatementOpen);
    const { lines, due, next } = await pageOf(tools, { ...ask, decision, draft });
    const head = JSON.stringify(wireStatement(draft)).slice(0, -1);
    return discloseLines(tools, {
      caller: feeQuestion(caller).caller,
      decision,
      recordType: 'fee-statement',
      schema: 'fees/statement',
      lines,
      adjustments: { currency: draft.currency, due },
      bodyOf: (wire) => `${head},"lines":${wire},"next":${JSON.stringify(next)}}`,
    });
  });
}

/** Before the id of every line. */
const atBegin = uuidText(Buffer.alloc(16));

/** A page of a draft: of its lines, and after the last of them of its adjustments. */
async function pageOf(
  tools: Tools,
  ask: {
    caller: Caller;
    decision: Allowed;
    draft: StatementTotals;
    limit: number;
    cursor: string | undefined;
  },
): Promise<{ lines: AccrualLine[]; due: DueAdjustment[]; next: string | null }> {
  const { caller, decision, draft, limit, cursor } = ask;
  const ofLines = { caller, decision, list: `fee-statement ${draft.id}` };
  const ofAdjustments = { ...ofLines, list: `adjustments of ${ofLines.list}` };
  const days = { partnerId: caller.partnerId, ...draft };
  const isBehind = goesOnWith(tools, ofAdjustments, cursor);
  const after = pageAfter(tools, isBehind ? ofAdjustments : ofLines, cursor);
  const found = isBehind ? [] : await findLinesOfDays(tools.db, days, { after, limit: limit + 1 });
  const lines = found.slice(0, limit);
  if (found.length > limit) {
    return { lines, due: [], next: nextOf(tools, ofLines, lines.at(-1)?.lineId) };
  }
  if (draft.adjustmentCount === 0) return { lines, due: [], next: null };
  const left = limit - lines.length;
  const from = isBehind ? after : atBegin;
  const more = await findDueAdjustments(tools.db, days, { after: from, limit: left + 1 });
  const due = more.slice(0, left);
  const last = more.length > left ? (due.at(-1)?.lineId ?? from) : undefined;
  return { lines, due, next: nextOf(tools, ofAdjustments, last) };
}
