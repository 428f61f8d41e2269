import type { DisclosedSubject } from '../disclosures/index.ts';
import { numberSubjects } from '../logs/index.ts';
import { pairwiseOf, type Pairwise } from '../joint/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { inTransaction, type Database } from '../platform/database.ts';
import { problemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import { disclose, type Allowed, type DisclosedAnswer, type Tried } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { showsFields, type ViewDocument } from '../projection/index.ts';
import { findLinesById, type AccrualLine } from '../fees/index.ts';
import {
  isShownInFull,
  shownLine,
  statedOnWire,
  withheldLine,
  type DueAdjustment,
} from '../settlements/index.ts';

/**
 * Puts lines into the body that `bodyOf` makes around them, checks it against its schema and has it
 * logged: every 200 stands in the log before it is sent. Lines of which anything is hidden from the
 * partner leave without customer and payment, and are no subjects of the entry.
 */
export async function discloseLines(
  tools: Tools,
  made: {
    caller: Caller;
    decision: Allowed;
    recordType: 'fee-accrual' | 'fee-statement';
    /** Schema of the whole body. */
    schema: string;
    lines: readonly AccrualLine[];
    /** Of a draft, after its lines: what a close would adjust. */
    adjustments?: { readonly currency: string; readonly due: readonly DueAdjustment[] };
    bodyOf: (lines: string) => string;
  },
): Promise<Tried<DisclosedAnswer>> {
  const { caller, decision, recordType } = made;
  const told = [
    ...made.lines.map((line) => ({ line })),
    ...(made.adjustments ? await adjustmentsOf(tools.db, caller.partnerId, made.adjustments) : []),
  ];
  const { texts, subjects } = await wireLines(tools, { caller, decision, told });
  const body = Buffer.from(made.bodyOf(`[${texts.join(',')}]`));
  const [wrong] = problemsOf(made.schema, JSON.parse(body.toString('utf8')));
  if (wrong) throw new Error(`An answer was held back: ${wrong.detail}`);
  return disclose(tools, {
    caller,
    decision,
    channel: 'pull',
    recordType,
    classes: ['financial'],
    fields: null,
    subjects,
    body,
  });
}

/**
 * What a line and its explanation tell of its payment, and a reversal of its refund too. The
 * explanation is one text, so a line is told whole or not at all.
 */
const evidence = {
  payment: [
    ...['customer', 'service', 'settledAt'],
    ...['amount.amount', 'amount.currency', 'tax.amount'],
  ],
  refund: [
    ...['payment', 'refundedAt', 'kind'],
    ...['amount.amount', 'amount.currency', 'tax.amount'],
  ],
} as const;

/** Parts of a payment that a base leaves out, and the win of a dispute: told by some lines only. */
const parts = ['processorFee', 'shipping', 'discount'] as const;

/** A line tells of its payment and refund no more than the view does (P09). */
export function isEvidenceShown(
  { kind, explanation }: Pick<AccrualLine, 'kind' | 'explanation'>,
  document: ViewDocument,
): boolean {
  const told = parts.filter((part) => explanation.inputs[`${part}Minor`] !== undefined);
  const left = told.map((part) => `parts.${part}.amount`);
  const payment = showsFields(document, 'payment', [...evidence.payment, ...left]);
  const won = explanation.inputs['wonOn'] === undefined ? [] : ['wonAt'];
  const refund = () => showsFields(document, 'refund', [...evidence.refund, ...won]);
  return payment && (kind === 'accrual' || refund());
}

/** A line to tell, or an adjustment of one: of a line that was withdrawn there is nothing but that. */
interface Told {
  readonly line: AccrualLine | undefined;
  readonly adjusting?: { readonly due: DueAdjustment; readonly currency: string };
}

async function adjustmentsOf(
  db: Database,
  partnerId: PartnerId,
  { currency, due }: { currency: string; due: readonly DueAdjustment[] },
): Promise<Told[]> {
  const lineIds = due.map(({ lineId }) => lineId);
  const lines = due.length === 0 ? [] : await findLinesById(db, partnerId, lineIds);
  const standing = new Map(lines.map((line) => [line.lineId, line]));
  return due.map((one) => {
    const line = one.adjustment === 'withdrawn' ? undefined : standing.get(one.lineId);
    return { line, adjusting: { due: one, currency } };
  });
}

async function wireLines(
  tools: Tools,
  {
    caller: { partnerId },
    decision: { services, view },
    told,
  }: { caller: Caller; decision: Allowed; told: readonly Told[] },
): Promise<{ texts: string[]; subjects: DisclosedSubject[] }> {
  const lines = told.flatMap(({ line }) => (line ? [line] : []));
  const customerIds = [...new Set(lines.map(({ customerId }) => customerId))];
  const relationships = (await findRelationshipsOfCustomers(tools.db, customerIds)).filter(
    (one) => one.partnerId === partnerId && (services === null || services.includes(one.serviceId)),
  );
  const shown = new Set(
    lines.filter(
      (line) => isShownInFull(line, relationships) && isEvidenceShown(line, view.document),
    ),
  );
  const numbers = await inTransaction(tools.db, (tx) =>
    numberSubjects(
      tx,
      partnerId,
      [...shown].map(({ customerId }) => customerId),
    ),
  );
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, partnerId);
  const texts: string[] = [];
  const subjects: DisclosedSubject[] = [];
  for (const one of told) {
    const { line } = one;
    const isShown = line !== undefined && shown.has(line);
    const text = JSON.stringify(onWire(one, { isShown, pairwise }));
    texts.push(text);
    if (!isShown) continue;
    const number = numbers.get(line.customerId);
    if (number === undefined) throw new Error('A subject has no number in the log.');
    const pairwiseId = pairwise.idOf('customer', line.customerId);
    subjects.push({ number, pairwiseId, record: Buffer.from(text) });
  }
  return { texts, subjects };
}

function onWire({ line, adjusting }: Told, by: { isShown: boolean; pairwise: Pairwise }) {
  if (adjusting) return statedOnWire(adjusting.due, { ...by, line, currency: adjusting.currency });
  if (!line) throw new Error('What is no adjustment is a line.');
  return by.isShown ? shownLine(line, by.pairwise) : withheldLine(line, by.pairwise);
}
