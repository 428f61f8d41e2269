import { pairwiseOf } from '../joint/index.ts';
import { inOrderOfDays, linesOf, type PaperLine } from '../papers/index.ts';
import { minorText } from '../platform/money.ts';
import type { Tools } from '../platform/tools.ts';
import { findCustomerKeys, findServices, type CustomerId } from '../records/index.ts';
import type { ClosedStatement, CloseReport, StatementDocument } from '../settlements/index.ts';
import type { Cell } from './frame.ts';

type Row = Readonly<Record<string, Cell>>;

/** A closed statement's totals, and who closed, approved and paid it when, for programs. */
export function rowOfClosed({ partnerKey, statement }: CloseReport): Row {
  const { approved, paid } = statement;
  return {
    partner: partnerKey,
    statement: statement.id,
    status: statement.status,
    ...amountsOf(statement),
    currency: statement.currency,
    lines: statement.lineCount,
    adjustments: statement.adjustmentCount,
    closedBy: statement.closedBy.name,
    closedAt: statement.closedAt.toISOString(),
    approvedBy: approved?.by.name ?? null,
    approvedAt: approved?.at.toISOString() ?? null,
    paidBy: paid?.by.name ?? null,
    paidAt: paid?.at.toISOString() ?? null,
    reference: paid?.reference ?? null,
    sha256: statement.sha256.toString('hex'),
  };
}

/** The same for people: what is nothing on all of them has no column, and a hash is cut short. */
export function tableOfClosed(reports: readonly CloseReport[]): Row[] {
  const isSaid = (says: (statement: ClosedStatement) => boolean) =>
    reports.some(({ statement }) => says(statement));
  const left = new Set([
    ...['currency', 'closedBy', 'closedAt', 'approvedBy', 'approvedAt', 'paidBy', 'paidAt'],
    ...(isSaid(({ reversedMinor }) => reversedMinor !== 0n) ? [] : ['reversed']),
    ...(isSaid(({ adjustmentCount }) => adjustmentCount > 0) ? [] : ['adjusted', 'adjustments']),
    ...(isSaid(({ taxMinor }) => taxMinor !== 0n) ? [] : ['tax']),
    ...(isSaid(({ collectedMinor }) => collectedMinor !== 0n) ? [] : ['collected']),
    ...(isSaid(({ remittedMinor }) => remittedMinor !== 0n) ? [] : ['remitted']),
    ...(isSaid(({ forfeitedMinor }) => forfeitedMinor !== 0n) ? [] : ['forfeited']),
    ...(isSaid(({ paid }) => paid !== null) ? [] : ['reference']),
  ]);
  return reports.map((report) => {
    const { reference = null, sha256 = '', ...row } = rowOfClosed(report);
    const cells = { ...row, reference: reference ?? '', sha256: `${String(sha256).slice(0, 12)}…` };
    return Object.fromEntries(Object.entries(cells).filter(([name]) => !left.has(name)));
  });
}

/** One closed statement for people, fact by fact. */
export function factsOfClosed({ partnerKey, statement }: CloseReport): Row[] {
  const { approved, paid, closedBy, closedAt, currency } = statement;
  const { period } = JSON.parse(statement.document.toString()) as StatementDocument;
  const by = (name: string, at: Date) => `${at.toISOString()} by ${name}`;
  const amounts = Object.entries(amountsOf(statement));
  const facts = {
    statement: `${statement.id} of ${partnerKey}`,
    period: `${period.from} until ${period.until} (exclusive), days in ${period.timeZone}`,
    status: statement.status,
    ...Object.fromEntries(amounts.map(([name, text]) => [name, `${text} ${currency}`])),
    closed: by(closedBy.name, closedAt),
    approved: approved ? by(approved.by.name, approved.at) : 'not yet',
    paid: paid ? `${by(paid.by.name, paid.at)}, reference ${paid.reference}` : 'not yet',
    sha256: statement.sha256.toString('hex'),
  };
  return Object.entries(facts).map(([fact, value]) => ({ fact, value }));
}

/** Its lines for people, by the day on which they are available; and its adjustments. */
export async function rowsOfClosedLines(
  tools: Tools,
  statement: ClosedStatement,
): Promise<{ lines: Row[]; adjustments: Row[] }> {
  const told: PaperLine[] = [];
  for await (const texts of linesOf(tools, statement)) {
    told.push(...texts.map((text) => JSON.parse(text) as PaperLine));
  }
  const keysOf = await knownKeys(tools, statement, told);
  const text = ({ amount, currency }: PaperLine['amount']) => minorText(BigInt(amount), currency);
  const own = told.filter(({ adjustment }) => adjustment === undefined);
  const adjusting = told.filter(({ adjustment }) => adjustment !== undefined);
  return {
    lines: inOrderOfDays(own).map((one) => ({
      line: one.id,
      available: one.availableOn ?? '',
      ...keysOf(one),
      reason: one.reason,
      base: one.base ? text(one.base) : '',
      rate: one.ratePercent ?? '',
      fee: text(one.amount),
      version: one.agreementVersion ?? '',
    })),
    adjustments: adjusting.map((one) => ({
      line: one.id,
      ...keysOf(one),
      reason: one.reason,
      adjustment: one.adjustment ?? '',
      month: one.month ?? '',
      difference: text(one.amount),
    })),
  };
}

/** Our keys of a line's customer and service, for the ids that mean something to the partner alone. */
async function knownKeys(
  { db, settings }: Tools,
  { partnerId }: ClosedStatement,
  lines: readonly PaperLine[],
): Promise<(line: PaperLine) => { customer: string; service: string }> {
  const pairwise = pairwiseOf(settings.keys.pairwise, partnerId);
  const uuidOf = (type: 'customer' | 'service', id: string | undefined) =>
    id === undefined ? undefined : pairwise.uuidOf(type, id);
  const customerIds = new Set(lines.map(({ customer }) => uuidOf('customer', customer)));
  customerIds.delete(undefined);
  const customers = await findCustomerKeys(db, [...customerIds] as CustomerId[]);
  const services = new Map((await findServices(db)).map(({ id, key }) => [String(id), key]));
  return ({ customer, service }) => ({
    customer: customers.get(uuidOf('customer', customer) as CustomerId) ?? '',
    service: services.get(uuidOf('service', service) ?? '') ?? '',
  });
}

function amountsOf(statement: ClosedStatement): Record<string, string> {
  const text = (minor: bigint) => minorText(minor, statement.currency);
  return {
    opening: text(statement.openingMinor),
    accrued: text(statement.accruedMinor),
    reversed: text(statement.reversedMinor),
    adjusted: text(statement.adjustedMinor),
    tax: text(statement.taxMinor),
    collected: text(-statement.collectedMinor),
    remitted: text(statement.remittedMinor),
    closing: text(statement.closingMinor),
    payout: text(statement.payoutMinor),
    forfeited: text(statement.forfeitedMinor),
    carried: text(statement.carriedMinor),
  };
}
