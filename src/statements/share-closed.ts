import type { DisclosedSubject } from '../disclosures/index.ts';
import { findLinesById, type LineId } from '../fees/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { numberSubjects } from '../logs/index.ts';
import {
  csvHead,
  csvOfLines,
  csvTail,
  drawStatement,
  longestPaper,
  paperOf,
  PaperTooLong,
  type PaperLine,
} from '../papers/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { problemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import {
  cutLineText,
  findClosedLines,
  findKeptLines,
  isShownInFull,
  logStatement,
  type ClosedStatement,
} from '../settlements/index.ts';
import { disclose, type Allowed, type DisclosedAnswer, type Tried } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { isEvidenceShown } from './disclose-lines.ts';
import { feeQuestion, nextOf, pageAfter } from './fee-page.ts';
import { lineAt, positionOfLine } from './statement-rules.ts';
import { wireClosed } from './statement-wire-rules.ts';

interface Closed {
  readonly caller: Caller;
  readonly decision: Allowed;
  readonly closed: ClosedStatement;
}

/**
 * Shows a partner a closed statement: as JSON its document and a page of its lines, as CSV or PDF
 * all of them. Its hash is in the partner's log before. The lines are the bytes that were closed; of
 * those whose records the partner may not see now the hash stands in for the text.
 */
export async function shareClosed(
  tools: Tools,
  ask: Closed & {
    readonly id: string;
    readonly media: string;
    readonly limit: number;
    readonly cursor: string | undefined;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { closed, media, limit } = ask;
  const caller = feeQuestion(ask.caller).caller;
  if (!closed.isLogged) await logStatement(tools, closed);
  const list = { caller, decision: ask.decision, list: `closed fee-statement ${ask.id}` };
  const isPaper = media !== 'application/json';
  const count = closed.lineCount + closed.adjustmentCount;
  if (isPaper && count > longestPaper) throw new Refusal(PaperTooLong);
  const position = isPaper ? undefined : pageAfter(tools, list, ask.cursor);
  const from = position === undefined ? 0 : lineAt(position) + 1;
  const to = isPaper ? count : Math.min(from + limit, count);
  const { texts, subjects } = await linesNow(tools, { ...ask, from, to });
  const next = nextOf(tools, list, to < count ? positionOfLine(to - 1) : undefined);
  return disclose(tools, {
    caller,
    decision: ask.decision,
    channel: 'pull',
    recordType: 'fee-statement',
    classes: ['financial'],
    fields: null,
    subjects,
    body: isPaper ? await paperBody(tools, ask, texts) : jsonBody(closed, texts, next),
  });
}

function jsonBody(closed: ClosedStatement, texts: readonly string[], next: string | null): Buffer {
  const head = JSON.stringify({ ...wireClosed(closed), document: closed.document.toString() });
  const body = `${head.slice(0, -1)},"lines":[${texts.join(',')}],"next":${JSON.stringify(next)}}`;
  const [wrong] = problemsOf('fees/statement', JSON.parse(body));
  if (wrong) throw new Error(`An answer was held back: ${wrong.detail}`);
  return Buffer.from(body);
}

async function paperBody(
  { settings }: Tools,
  { closed, media }: { closed: ClosedStatement; media: string },
  texts: readonly string[],
): Promise<Buffer> {
  const paper = paperOf(settings.letterhead ?? [settings.origin], closed);
  const lines = texts.map((text) => JSON.parse(text) as PaperLine);
  if (media === 'application/pdf') return drawStatement(paper, lines);
  return Buffer.from(csvHead(paper) + csvOfLines(paper, lines) + csvTail(paper));
}

/** The lines of a part of the statement as they may be shown now, and whose records they show. */
async function linesNow(
  tools: Tools,
  { caller: { partnerId }, decision, closed, from, to }: Closed & { from: number; to: number },
): Promise<{ texts: string[]; subjects: DisclosedSubject[] }> {
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, partnerId);
  const kept = await findKeptLines(tools.db, closed, { from, to });
  const told = kept.map((text) => {
    const { id, salt } = JSON.parse(text) as { id: string; salt?: string };
    // Without a salt it tells nobody's records.
    return { text, lineId: salt === undefined ? undefined : pairwise.uuidOf('fee-line', id) };
  });
  const lineIds = told.flatMap(({ lineId }) => (lineId === undefined ? [] : [lineId]));
  const shown = await customersShown(tools, { partnerId, decision, closed, lineIds });
  const numbers = await inTransaction(tools.db, (tx) =>
    numberSubjects(tx, partnerId, [...shown.values()]),
  );
  const subjects: DisclosedSubject[] = [];
  const texts = told.map(({ text, lineId }) => {
    if (lineId === undefined) return text;
    const customerId = shown.get(lineId);
    const number = customerId && numbers.get(customerId);
    if (customerId === undefined || number === undefined) return cutLineText(text);
    const pairwiseId = pairwise.idOf('customer', customerId);
    subjects.push({ number, pairwiseId, record: Buffer.from(text) });
    return text;
  });
  return { texts, subjects };
}

/** The customers of those lines whose records may be shown now. */
async function customersShown(
  { db }: Tools,
  ask: { partnerId: Caller['partnerId'] } & Omit<Closed, 'caller'> & { lineIds: readonly string[] },
) {
  const { partnerId, decision, closed, lineIds } = ask;
  const { services, view } = decision;
  const lines = lineIds.length === 0 ? [] : await findClosedLines(db, closed, { lineIds });
  const customers = lines.flatMap(({ customerId }) => (customerId ? [customerId] : []));
  const relationships = (await findRelationshipsOfCustomers(db, [...new Set(customers)])).filter(
    (one) => one.partnerId === partnerId && (services === null || services.includes(one.serviceId)),
  );
  // What a line tells of its payment beside the usual is known while the line is still computed.
  const computed = new Map(
    (await findLinesById(db, partnerId, lineIds as LineId[])).map((line) => [line.lineId, line]),
  );
  const shown = new Map<LineId, NonNullable<(typeof lines)[number]['customerId']>>();
  for (const { lineId, customerId, serviceId, settledAt, occurredAt } of lines) {
    if (!customerId || !serviceId || !settledAt || !occurredAt) continue;
    const line = { partnerId, customerId, serviceId, settledAt, occurredAt };
    const told = computed.get(lineId);
    if (!told || !isEvidenceShown(told, view.document)) continue;
    if (isShownInFull(line, relationships)) shown.set(lineId, customerId);
  }
  return shown as ReadonlyMap<string, NonNullable<(typeof lines)[number]['customerId']>>;
}
