import { stringify } from 'csv-stringify/sync';
import { minorText } from '../platform/money.ts';
import type { StatementDocument } from '../settlements/index.ts';
import { negative } from './layout-rules.ts';
import type { Paper, PaperLine } from './paper.ts';

const columns = [
  ...['row', 'line', 'reason', 'adjustment', 'month', 'available_on', 'customer', 'service'],
  ...['payment', 'refund', 'reverses', 'base', 'rate_percent', 'rounding', 'agreement_version'],
  ...['amount', 'currency', 'sha256', 'claim'],
] as const;
type Row = Partial<Record<(typeof columns)[number], string | number | bigint | null | undefined>>;

/** The head of a statement as CSV: the names of its columns, and what it opens with. */
export function csvHead({ document }: Paper): string {
  const rows: Row[] = [totalRow('opening', document.opening)];
  return csv([Object.fromEntries(columns.map((name) => [name, name])), ...rows], document.currency);
}

/** Lines as CSV. What a spreadsheet would take for a formula is made text by an apostrophe. */
export function csvOfLines({ document }: Paper, lines: readonly PaperLine[]): string {
  return csv(lines.map(rowOf), document.currency);
}

/** Its taxes and transfers, what it closes with, where that goes, and the document's hash. */
export function csvTail({ document, sha256 }: Paper): string {
  const rows: Row[] = [
    ...(document.taxes ?? []).map(taxRow),
    ...(document.collected ? [totalRow('collected', negative(document.collected))] : []),
    ...(document.remitted ? [totalRow('remitted', document.remitted)] : []),
    totalRow('closing', document.closing),
    totalRow('payout', document.payout),
    totalRow('forfeited', document.forfeited),
    totalRow('carried-forward', document.carriedForward),
    { row: 'document', line: document.id, sha256 },
  ];
  return csv(rows, document.currency);
}

function totalRow(row: string, { amount, currency }: PaperLine['amount']): Row {
  return { row, amount: BigInt(amount), currency };
}

/** A tax as a line of its own; of a reverse charge its sentence stands in the place of an id. */
function taxRow(tax: NonNullable<StatementDocument['taxes']>[number]): Row {
  return {
    ...totalRow('tax', tax.tax),
    line: tax.note,
    reason: tax.kind,
    base: BigInt(tax.net.amount),
    rate_percent: tax.ratePercent,
    agreement_version: tax.agreementVersion,
  };
}

function rowOf(line: PaperLine): Row {
  return {
    row: line.adjustment === undefined ? 'line' : 'adjustment',
    line: line.id,
    reason: line.reason,
    adjustment: line.adjustment,
    month: line.month,
    available_on: line.availableOn,
    customer: line.customer,
    service: line.service,
    payment: line.payment,
    refund: line.refund,
    reverses: line.reverses,
    base: line.base && BigInt(line.base.amount),
    rate_percent: line.ratePercent,
    rounding: line.rounding,
    agreement_version: line.agreementVersion,
    amount: BigInt(line.amount.amount),
    currency: line.amount.currency,
    sha256: line.sha256,
    claim: line.claim,
  };
}

/** A bigint is an amount: no formula, even where it is negative. */
function csv(rows: readonly Row[], currency: string): string {
  if (rows.length === 0) return '';
  return stringify([...rows], {
    columns: [...columns],
    escape_formulas: true,
    record_delimiter: '\r\n',
    cast: { bigint: (minor) => minorText(minor, currency) },
  });
}
