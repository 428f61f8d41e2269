import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId, RecordId } from '../records/index.ts';
import type { LineId } from '../earnings/index.ts';

/** Of whom, and of which month (YYYY-MM). */
export interface OfMonth {
  readonly partnerId: PartnerId;
  readonly month: string;
}

/** What is held of a partner in one currency: until which days, and what it comes to. */
export interface HeldSum {
  readonly currency: string;
  readonly lineCount: number;
  readonly feeMinor: bigint;
  readonly firstDay: string;
  readonly lastDay: string;
}

// What settled in the month or before, and becomes available after it.
const held = `fee_accruals.partner_id = :partnerId and fee_accruals.month <= :month
  and fee_accruals.available_on >= cast(:firstDay as date) + interval '1 month'`;

const daysOf = (of: OfMonth) => ({ ...of, firstDay: `${of.month}-01` });

/** What settled in a month or before it, and becomes available after it, by currency. */
export async function sumHeldLines(db: Database | Transaction, of: OfMonth): Promise<HeldSum[]> {
  const { rows } = await db.raw<{ rows: HeldRow[] }>(
    `select fee_accruals.currency, cast(count(*) as integer) as line_count,
       sum(fee_accruals.fee_minor) as fee_minor, min(fee_accruals.available_on) as first_day,
       max(fee_accruals.available_on) as last_day
     from fee_accruals where ${held} group by 1 order by 1`,
    daysOf(of),
  );
  return rows.map((row) => ({
    currency: row.currency,
    lineCount: row.line_count,
    feeMinor: BigInt(row.fee_minor),
    firstDay: row.first_day,
    lastDay: row.last_day,
  }));
}

/** The lines behind those sums, in the order of ids. */
export async function findHeldLineIds(db: Database | Transaction, of: OfMonth): Promise<LineId[]> {
  const { rows } = await db.raw<{ rows: { line_id: LineId }[] }>(
    `select fee_accruals.line_id from fee_accruals where ${held} order by 1`,
    daysOf(of),
  );
  return rows.map(({ line_id: lineId }) => lineId);
}

/** A line that took a fee back, and the refund for which it did. */
export interface ReversalLine {
  readonly lineId: LineId;
  readonly customerId: CustomerId;
  readonly refundId: RecordId;
  readonly currency: string;
  readonly feeMinor: bigint;
}

/** The lines that took fees back in a month, in the order of ids. */
export async function findReversals(
  db: Database | Transaction,
  { partnerId, month }: OfMonth,
): Promise<ReversalLine[]> {
  const rows = await db('fee_accruals')
    .select<ReversalRow[]>('line_id', 'customer_id', 'refund_id', 'currency', 'fee_minor')
    .where({
      'fee_accruals.partner_id': partnerId,
      'fee_accruals.kind': 'reversal',
      'fee_accruals.month': month,
    })
    .orderBy('fee_accruals.line_id');
  return rows.map((row) => ({
    lineId: row.line_id,
    customerId: row.customer_id,
    refundId: row.refund_id,
    currency: row.currency,
    feeMinor: BigInt(row.fee_minor),
  }));
}

/** When a partner's lines were computed last; undefined: never. */
export async function findComputedAt(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<Date | undefined> {
  const row = await db('fee_computations')
    .where('fee_computations.partner_id', partnerId)
    .first<{ computed_at: Date } | undefined>('fee_computations.computed_at');
  return row?.computed_at;
}

interface HeldRow {
  readonly currency: string;
  readonly line_count: number;
  readonly fee_minor: string;
  readonly first_day: string;
  readonly last_day: string;
}

interface ReversalRow {
  readonly line_id: LineId;
  readonly customer_id: CustomerId;
  readonly refund_id: RecordId;
  readonly currency: string;
  readonly fee_minor: string;
}
