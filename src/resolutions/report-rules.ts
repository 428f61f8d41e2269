import { stringify } from 'csv-stringify/sync';
import type { ClaimedLine } from '../claims/index.ts';
import type { Pairwise } from '../joint/index.ts';
import { minorText } from '../platform/money.ts';
import { differenceOf, outcomes, totalsOf, type Row } from '../reconciliation/index.ts';

const columns = [
  ...['row', 'outcome', 'reason', 'claimed_lines', 'customer', 'payment', 'fee_lines'],
  ...['available_on', 'theirs', 'ours', 'difference', 'currency'],
] as const;
type Cells = Partial<Record<(typeof columns)[number], string | bigint | null | undefined>>;

/** What a report is made of. */
export interface Reported {
  readonly currency: string;
  readonly rows: readonly Row[];
  readonly lines: readonly ClaimedLine[];
  readonly pairwise: Pairwise;
}

/**
 * A reconciliation as CSV: its rows, then the sums of each outcome and of all, where ours and the
 * differences are theirs. What a spreadsheet would take for a formula is made text by an apostrophe.
 */
export function csvReport(reported: Reported): string {
  const { currency, rows } = reported;
  const ofOutcomes = outcomes.flatMap((outcome) => {
    const its = rows.filter((row) => row.outcome === outcome);
    return its.length === 0 ? [] : [sumCells(its, { row: 'sum', outcome, currency })];
  });
  const cells = [...cellsOf(reported), ...ofOutcomes, sumCells(rows, { row: 'total', currency })];
  return stringify(cells, {
    columns: [...columns],
    header: true,
    escape_formulas: true,
    record_delimiter: '\r\n',
    // A bigint is an amount: no formula, even where it is negative.
    cast: { bigint: (minor) => minorText(minor, currency) },
  });
}

function cellsOf({ currency, rows, lines, pairwise }: Reported): Cells[] {
  const named = new Map(lines.map((line) => [line.line, line]));
  return rows.map((row) => {
    const [first] = row.claimed;
    const { customer = null, payment = null } = first === undefined ? {} : (named.get(first) ?? {});
    const [whose] = row.customerIds;
    return {
      row: 'line',
      outcome: row.outcome,
      reason: row.reason,
      claimed_lines: row.claimed.join(' '),
      customer: customer ?? (whose && pairwise.idOf('customer', whose)),
      payment,
      fee_lines: row.ours.map((id) => pairwise.idOf('fee-line', id)).join(' '),
      available_on: row.availableOn,
      theirs: row.claimedMinor,
      ours: row.oursMinor,
      difference: differenceOf(row),
      currency,
    };
  });
}

function sumCells(rows: readonly Row[], cells: Cells): Cells {
  const { claimedMinor, oursMinor, differenceMinor } = totalsOf(rows);
  return { ...cells, theirs: claimedMinor, ours: oursMinor, difference: differenceMinor };
}
