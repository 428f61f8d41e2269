import type { AccrualLine, FeeComparison, FeeMonth } from '../fees/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { minorText } from '../platform/money.ts';
import type { Tools } from '../platform/tools.ts';
import { findCustomerKeys, findServices } from '../records/index.ts';
import type { DueAdjustment } from '../settlements/index.ts';
import type { StatementTotals } from '../statements/index.ts';
import type { Cell } from './frame.ts';

type Row<Name extends string> = Readonly<Record<Name, Cell>>;
type LineCell =
  | 'line'
  | 'customer'
  | 'service'
  | 'kind'
  | 'at'
  | 'available'
  | 'currency'
  | 'base'
  | 'rate'
  | 'rounding'
  | 'fee'
  | 'version'
  | 'because';

/** A month of fees for people. */
export function rowOfMonth(sum: FeeMonth): Row<string> {
  const text = (minor: bigint) => minorText(minor, sum.currency);
  return {
    month: sum.month,
    currency: sum.currency,
    payments: sum.payments,
    base: text(sum.baseMinor),
    fee: text(sum.feeMinor),
    reversals: sum.reversals,
    reversed: text(sum.reversedMinor),
    total: text(sum.totalMinor),
    'no fee': sum.withoutFee,
  };
}

/** What a quarter cost beside what it would have cost, by month and currency, and in all. */
export function rowsOfComparison({ quarter, present, proposed }: FeeComparison): Row<string>[] {
  const sums = new Map<string, { present: bigint; proposed: bigint }>();
  const add = (side: 'present' | 'proposed', { month, currency, totalMinor }: FeeMonth) => {
    for (const key of [`${currency} ${month}`, `${currency} ${quarter}`]) {
      const sum = sums.get(key) ?? { present: 0n, proposed: 0n };
      sums.set(key, { ...sum, [side]: sum[side] + totalMinor });
    }
  };
  for (const month of present) add('present', month);
  for (const month of proposed) add('proposed', month);
  return [...sums].sort(byKey).map(([key, sum]) => {
    const [currency = '', period = ''] = key.split(' ');
    return {
      period,
      currency,
      present: minorText(sum.present, currency),
      proposed: minorText(sum.proposed, currency),
      difference: minorText(sum.proposed - sum.present, currency),
    };
  });
}

/** "2026-Q3" comes after its months: a letter stands after all digits. */
function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * Lines for people, by the day on which they are available, and on one day as they happened: with the
 * ids that the partner reads, the customers by their keys.
 */
export async function rowsOfLines(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  lines: readonly AccrualLine[],
): Promise<Row<LineCell>[]> {
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const customers = await findCustomerKeys(db, [...new Set(lines.map((one) => one.customerId))]);
  return [...lines].sort(byDay).map((line) => ({
    line: pairwiseOf(settings.keys.pairwise, line.partnerId).idOf('fee-line', line.lineId),
    customer: customers.get(line.customerId) ?? '',
    service: services.get(line.serviceId) ?? '',
    kind: line.kind,
    at: line.occurredAt.toISOString(),
    available: line.availableOn,
    currency: line.currency,
    base: minorText(line.baseMinor, line.currency),
    rate: line.ratePercent ?? '',
    rounding: line.rounding,
    fee: minorText(line.feeMinor, line.currency),
    version: line.agreementVersion,
    because: line.because ?? '',
  }));
}

function byDay(one: AccrualLine, other: AccrualLine): number {
  if (one.availableOn !== other.availableOn) return one.availableOn < other.availableOn ? -1 : 1;
  return one.occurredAt.getTime() - other.occurredAt.getTime();
}

/** Draft statements for people: what is nothing on all of them has no column. */
export function tableOfStatements(rows: readonly Row<string>[]): Row<string>[] {
  const left = ['collected', 'remitted'].filter((name) =>
    rows.every((row) => /^[0.]*$/.test(String(row[name]))),
  );
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !left.includes(name))),
  );
}

/** A draft statement's totals. */
export function rowOfStatement(totals: StatementTotals): Row<string> {
  const text = (minor: bigint) => minorText(minor, totals.currency);
  return {
    statement: totals.id,
    status: totals.status,
    opening: text(totals.openingMinor),
    accrued: text(totals.accruedMinor),
    reversed: text(totals.reversedMinor),
    adjusted: text(totals.adjustedMinor),
    collected: text(-totals.collectedMinor),
    remitted: text(totals.remittedMinor),
    closing: text(totals.closingMinor),
    currency: totals.currency,
    lines: totals.lineCount,
    adjustments: totals.adjustmentCount,
  };
}

/** What the next close will adjust, for people: what statements state of a line, and what it is. */
export async function rowsOfAdjustments(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  { partnerId, currency }: { partnerId: PartnerId; currency: string },
  adjustments: readonly DueAdjustment[],
): Promise<Row<string>[]> {
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const known = adjustments.flatMap(({ customerId }) => (customerId ? [customerId] : []));
  const customers = await findCustomerKeys(db, [...new Set(known)]);
  const pairwise = pairwiseOf(settings.keys.pairwise, partnerId);
  const text = (minor: bigint) => minorText(minor, currency);
  return adjustments.map((one) => ({
    line: pairwise.idOf('fee-line', one.lineId),
    customer: (one.customerId && customers.get(one.customerId)) ?? '',
    service: (one.serviceId && services.get(one.serviceId)) ?? '',
    kind: one.kind,
    adjustment: one.adjustment,
    month: one.month,
    was: text(one.statedMinor),
    is: text(one.statedMinor + one.amountMinor),
    difference: text(one.amountMinor),
  }));
}
