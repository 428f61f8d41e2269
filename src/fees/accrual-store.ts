import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';
import type { AccrualLine, Explanation, LineId } from '../earnings/index.ts';
import type { HalfMonthSum } from './accrual.ts';
import { fingerprintOf } from './line-rules.ts';

/** Locks the partner's lines until the transaction ends, and says when they were computed. */
export async function lockComputation(
  tx: Transaction,
  partnerId: PartnerId,
  computedAt: Date,
): Promise<void> {
  await tx('fee_computations')
    .insert({ partner_id: partnerId, computed_at: computedAt })
    .onConflict('partner_id')
    .merge(['computed_at']);
}

/**
 * Keeps the partner's lines as they are until the transaction ends. Who waited for it begins again:
 * its snapshot is older than what this transaction made of them.
 */
export async function holdLines(tx: Transaction, partnerId: PartnerId): Promise<void> {
  await tx.raw(
    `update fee_computations set computed_at = fee_computations.computed_at
     where fee_computations.partner_id = ?`,
    [partnerId],
  );
}

/** The fingerprints of those of a partner's lines that stand, of these. */
export async function findFingerprints(
  db: Database | Transaction,
  partnerId: PartnerId,
  lineIds: readonly LineId[],
): Promise<Map<LineId, string>> {
  const rows = await db('fee_accruals')
    .select<{ line_id: LineId; fingerprint: Buffer }[]>('line_id', 'fingerprint')
    .where('fee_accruals.partner_id', partnerId)
    .whereRaw('fee_accruals.line_id = any(?::uuid[])', [[...lineIds]]);
  return new Map(rows.map((row) => [row.line_id, row.fingerprint.toString('hex')]));
}

/** The next of a partner's line ids after one, in their order. */
export async function findLineIds(
  db: Database | Transaction,
  partnerId: PartnerId,
  { after, limit }: { after: LineId | undefined; limit: number },
): Promise<LineId[]> {
  const query = db('fee_accruals')
    .select<{ line_id: LineId }[]>('line_id')
    .where('fee_accruals.partner_id', partnerId)
    .orderBy('fee_accruals.line_id')
    .limit(limit);
  if (after !== undefined) void query.where('fee_accruals.line_id', '>', after);
  return (await query).map(({ line_id: lineId }) => lineId);
}

const writtenColumns = [
  'kind text',
  'customer_id uuid',
  'service_id uuid',
  'payment_id uuid',
  'refund_id uuid',
  'reverses_line_id uuid',
  'settled_at timestamptz',
  'occurred_at timestamptz',
  'month text',
  'available_on date',
  'currency text',
  'base_minor bigint',
  'fee_minor bigint',
  'rate_percent text',
  'rounding text',
  'agreement_version integer',
  'because text',
];
const names = writtenColumns.map((column) => column.split(' ')[0] ?? '');

/** Writes lines that are new or differ: one statement for all. */
export async function upsertLines(tx: Transaction, lines: readonly AccrualLine[]): Promise<void> {
  if (lines.length === 0) return;
  const changeable = [...names, 'explanation', 'fingerprint'];
  await tx.raw(
    `insert into fee_accruals (partner_id, line_id, ${changeable.join(', ')})
     select partner_id, line_id, ${names.join(', ')}, explanation::json, decode(fingerprint, 'hex')
     from jsonb_to_recordset(?::jsonb) as l(partner_id uuid, line_id uuid,
       ${writtenColumns.join(', ')}, explanation text, fingerprint text)
     order by line_id
     on conflict (partner_id, line_id) do update
     set ${changeable.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    [JSON.stringify(lines.map(rowOf))],
  );
}

/** Removes drafts that nothing supports any more. */
export async function deleteLines(
  tx: Transaction,
  partnerId: PartnerId,
  lineIds: readonly LineId[],
): Promise<void> {
  if (lineIds.length === 0) return;
  await tx('fee_accruals')
    .where('fee_accruals.partner_id', partnerId)
    .whereRaw('fee_accruals.line_id = any(?::uuid[])', [[...lineIds]])
    .delete();
}

interface LineRow {
  readonly line_id: LineId;
  readonly kind: AccrualLine['kind'];
  readonly partner_id: PartnerId;
  readonly customer_id: CustomerId;
  readonly service_id: ServiceId;
  readonly payment_id: RecordId;
  readonly refund_id: RecordId | null;
  readonly reverses_line_id: LineId | null;
  readonly settled_at: Date;
  readonly occurred_at: Date;
  readonly month: string;
  readonly available_on: string;
  readonly currency: string;
  readonly base_minor: string;
  readonly fee_minor: string;
  readonly rate_percent: string | null;
  readonly rounding: AccrualLine['rounding'];
  readonly agreement_version: number;
  readonly because: AccrualLine['because'];
  readonly explanation: Explanation;
}

const columns = ['partner_id', 'line_id', ...names, 'explanation'].map(
  (name) => `fee_accruals.${name}`,
);

export async function findLine(
  db: Database | Transaction,
  lineId: LineId,
): Promise<AccrualLine | undefined> {
  const row = await db('fee_accruals')
    .select<LineRow[]>(columns)
    .where('fee_accruals.line_id', lineId)
    .first();
  return row && lineOf(row);
}

/** Those of a partner's lines that have these ids, in the order of ids. */
export async function findLinesById(
  db: Database | Transaction,
  partnerId: PartnerId,
  lineIds: readonly LineId[],
): Promise<AccrualLine[]> {
  const rows = await db('fee_accruals')
    .select<LineRow[]>(columns)
    .where('fee_accruals.partner_id', partnerId)
    .whereRaw('fee_accruals.line_id = any(?::uuid[])', [[...lineIds]])
    .orderBy('fee_accruals.line_id');
  return rows.map(lineOf);
}

/** A partner's lines of these payments, and of these customers, in every currency, by their ids. */
export async function findLinesAbout(
  db: Database | Transaction,
  partnerId: PartnerId,
  about: { paymentIds: readonly RecordId[]; customerIds: readonly CustomerId[] },
): Promise<AccrualLine[]> {
  const rows = await db('fee_accruals')
    .select<LineRow[]>(columns)
    .where('fee_accruals.partner_id', partnerId)
    .whereRaw(
      '(fee_accruals.payment_id = any(?::uuid[]) or fee_accruals.customer_id = any(?::uuid[]))',
      [[...about.paymentIds], [...about.customerIds]],
    )
    .orderBy('fee_accruals.line_id');
  return rows.map(lineOf);
}

// Knex would read a colon on both sides as a name: hence cast().
const daysOfMonth = `fee_accruals.available_on >= cast(:day as date)
  and fee_accruals.available_on < cast(:day as date) + interval '1 month'`;

/**
 * A partner's lines, of all months or of the one in which they become available, after a line: in
 * the order of ids, which says nothing about when. The month in which a payment settled is no
 * filter, because a partner may see a line and not when its payment settled.
 */
export async function findLines(
  db: Database | Transaction,
  partnerId: PartnerId,
  page: { month: string | undefined; after: string | undefined; limit: number },
): Promise<AccrualLine[]> {
  const query = db('fee_accruals')
    .select<LineRow[]>(columns)
    .where('fee_accruals.partner_id', partnerId)
    .orderBy('fee_accruals.line_id')
    .limit(page.limit);
  if (page.month !== undefined) void query.whereRaw(daysOfMonth, { day: `${page.month}-01` });
  if (page.after !== undefined) void query.where('fee_accruals.line_id', '>', page.after);
  return (await query).map(lineOf);
}

/** The lines that become available in these days, in one currency, in the order of ids. */
export async function findLinesOfDays(
  db: Database | Transaction,
  days: { partnerId: PartnerId; currency: string; fromDay: string; untilDay: string },
  page: { after?: string | undefined; limit?: number } = {},
): Promise<AccrualLine[]> {
  const query = db('fee_accruals')
    .select<LineRow[]>(columns)
    .where({
      'fee_accruals.partner_id': days.partnerId,
      'fee_accruals.currency': days.currency,
    })
    .where('fee_accruals.available_on', '>=', days.fromDay)
    .where('fee_accruals.available_on', '<', days.untilDay)
    .orderBy('fee_accruals.line_id');
  if (page.after !== undefined) void query.where('fee_accruals.line_id', '>', page.after);
  if (page.limit !== undefined) void query.limit(page.limit);
  return (await query).map(lineOf);
}

/** Adds up a partner's lines by the half month in which they become available, the earliest first. */
export async function findHalfMonthSums(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<HalfMonthSum[]> {
  const { rows } = await db.raw<{ rows: SumRow[] }>(
    `select to_char(fee_accruals.available_on, 'YYYY-MM-')
         || case when extract(day from fee_accruals.available_on) < 16 then '01' else '16' end as from_day,
       fee_accruals.currency,
       sum(fee_accruals.fee_minor) filter (where fee_accruals.kind = 'accrual') as accrued_minor,
       sum(fee_accruals.fee_minor) filter (where fee_accruals.kind = 'reversal') as reversed_minor,
       cast(count(*) as integer) as line_count,
       array_agg(distinct fee_accruals.agreement_version
         order by fee_accruals.agreement_version) as agreement_versions
     from fee_accruals
     where fee_accruals.partner_id = ?
     group by 1, 2
     order by 1, 2`,
    [partnerId],
  );
  return rows.map(sumOf);
}

interface SumRow {
  readonly from_day: string;
  readonly currency: string;
  readonly accrued_minor: string | null;
  readonly reversed_minor: string | null;
  readonly line_count: number;
  readonly agreement_versions: number[];
}

function sumOf(row: SumRow): HalfMonthSum {
  return {
    fromDay: row.from_day,
    currency: row.currency,
    accruedMinor: BigInt(row.accrued_minor ?? 0),
    reversedMinor: BigInt(row.reversed_minor ?? 0),
    lineCount: row.line_count,
    agreementVersions: row.agreement_versions,
  };
}

function rowOf(line: AccrualLine): Record<string, unknown> {
  return {
    partner_id: line.partnerId,
    line_id: line.lineId,
    kind: line.kind,
    customer_id: line.customerId,
    service_id: line.serviceId,
    payment_id: line.paymentId,
    refund_id: line.refundId,
    reverses_line_id: line.reversesLineId,
    settled_at: line.settledAt.toISOString(),
    occurred_at: line.occurredAt.toISOString(),
    month: line.month,
    available_on: line.availableOn,
    currency: line.currency,
    base_minor: String(line.baseMinor),
    fee_minor: String(line.feeMinor),
    rate_percent: line.ratePercent,
    rounding: line.rounding,
    agreement_version: line.agreementVersion,
    because: line.because,
    explanation: JSON.stringify(line.explanation),
    fingerprint: fingerprintOf(line),
  };
}

function lineOf(row: LineRow): AccrualLine {
  return {
    lineId: row.line_id,
    kind: row.kind,
    partnerId: row.partner_id,
    customerId: row.customer_id,
    serviceId: row.service_id,
    paymentId: row.payment_id,
    refundId: row.refund_id,
    reversesLineId: row.reverses_line_id,
    settledAt: row.settled_at,
    occurredAt: row.occurred_at,
    month: row.month,
    availableOn: row.available_on,
    currency: row.currency,
    baseMinor: BigInt(row.base_minor),
    feeMinor: BigInt(row.fee_minor),
    ratePercent: row.rate_percent,
    rounding: row.rounding,
    agreementVersion: row.agreement_version,
    because: row.because,
    explanation: withTold(row.explanation),
  };
}

/** A line that was computed before partners were told less than the operator: its formula alone. */
function withTold(stored: Explanation): Explanation {
  const { told = stored.formula } = stored as Partial<Explanation>;
  return { ...stored, told };
}
