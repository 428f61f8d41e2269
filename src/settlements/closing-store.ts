import type { LineId } from '../fees/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';
import type { Adjustment } from './fee-wire-rules.ts';

/** A partner's statement to be: its place, and the days whose lines it states. */
export interface Closing {
  readonly partnerId: PartnerId;
  readonly currency: string;
  readonly number: number;
  readonly fromDay: string;
  readonly untilDay: string;
}

/**
 * Each line that a statement of these days states, with what it states of it: lines that become
 * available then, of all others the difference to what closed statements stated before, and what was
 * agreed because of a partner's claim.
 */
const statedNow = `
  with stated as (
    select closed_lines.line_id, sum(closed_lines.amount_minor) as minor
    from closed_lines
    where closed_lines.partner_id = :partnerId and closed_lines.currency = :currency
      and closed_lines.kind <> 'claim'
    group by closed_lines.line_id
  ), standing as (
    select fee_accruals.line_id, fee_accruals.kind, fee_accruals.month,
      fee_accruals.agreement_version, fee_accruals.customer_id, fee_accruals.service_id,
      fee_accruals.settled_at, fee_accruals.occurred_at,
      agreement_versions.terms ->> 'direction' as direction,
      fee_accruals.fee_minor - coalesce(stated.minor, 0) as amount_minor,
      case when stated.line_id is not null then 'changed'
        when fee_accruals.available_on < cast(:fromDay as date) then 'late' end as adjustment
    from fee_accruals
      join agreement_versions on agreement_versions.partner_id = fee_accruals.partner_id
        and agreement_versions.version = fee_accruals.agreement_version
      left join stated on stated.line_id = fee_accruals.line_id
    where fee_accruals.partner_id = :partnerId and fee_accruals.currency = :currency
      and (stated.line_id is not null or fee_accruals.available_on < cast(:untilDay as date))
  ), withdrawn as (
    select distinct on (closed_lines.line_id) closed_lines.line_id, closed_lines.kind,
      closed_lines.month, closed_lines.agreement_version, closed_lines.customer_id,
      closed_lines.service_id, closed_lines.settled_at, closed_lines.occurred_at,
      closed_lines.direction, -stated.minor as amount_minor, 'withdrawn' as adjustment
    from stated
      join closed_lines on closed_lines.partner_id = :partnerId
        and closed_lines.currency = :currency and closed_lines.line_id = stated.line_id
    where stated.minor <> 0 and not exists (
      select 1 from fee_accruals where fee_accruals.partner_id = :partnerId
        and fee_accruals.line_id = stated.line_id and fee_accruals.currency = :currency)
    order by closed_lines.line_id, closed_lines.number
  ), agreed as (
    select agreed_adjustments.claim_id as line_id, 'claim' as kind, agreed_adjustments.month,
      agreed_adjustments.agreement_version, cast(null as uuid) as customer_id,
      cast(null as uuid) as service_id, cast(null as timestamptz) as settled_at,
      cast(null as timestamptz) as occurred_at,
      agreement_versions.terms ->> 'direction' as direction,
      agreed_adjustments.amount_minor, 'claim' as adjustment
    from agreed_adjustments
      join agreement_versions on agreement_versions.partner_id = agreed_adjustments.partner_id
        and agreement_versions.version = agreed_adjustments.agreement_version
    where agreed_adjustments.partner_id = :partnerId and agreed_adjustments.currency = :currency
      and not exists (
        select 1 from closed_lines where closed_lines.partner_id = :partnerId
          and closed_lines.currency = :currency
          and closed_lines.line_id = agreed_adjustments.claim_id)
  ), due as (
    select * from standing where standing.adjustment is null or standing.amount_minor <> 0
    union all
    select * from withdrawn
    union all
    select * from agreed
  )`;

/** What the lines of one statement add up to. */
export interface LineSums {
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly adjustedMinor: bigint;
  /** Of all, by who owes. */
  readonly payableMinor: bigint;
  readonly receivableMinor: bigint;
  readonly lineCount: number;
  readonly adjustmentCount: number;
  readonly agreementVersions: readonly number[];
  /** What the lines of each agreement version add up to. */
  readonly versionNets: ReadonlyMap<number, bigint>;
}

const sums = `
  coalesce(sum(amount_minor) filter (where adjustment is null and kind <> 'reversal'), 0) as accrued,
  coalesce(sum(amount_minor) filter (where adjustment is null and kind = 'reversal'), 0) as reversed,
  coalesce(sum(amount_minor) filter (where adjustment is not null), 0) as adjusted,
  coalesce(sum(amount_minor) filter (where direction = 'payable'), 0) as payable,
  coalesce(sum(amount_minor) filter (where direction = 'receivable'), 0) as receivable,
  cast(count(*) filter (where adjustment is null) as integer) as lines,
  cast(count(*) filter (where adjustment is not null) as integer) as adjustments,
  coalesce(array_agg(distinct agreement_version order by agreement_version), '{}') as versions`;

/** The same over one version each; adds to what is selected from `source`. */
const netsOf = (source: 'added' | 'due') => `
  (select coalesce(jsonb_object_agg(net.agreement_version, cast(net.minor as text)), '{}')
   from (select agreement_version, sum(amount_minor) as minor from ${source}
     group by agreement_version) as net) as nets`;

interface SumsRow {
  readonly accrued: string;
  readonly reversed: string;
  readonly adjusted: string;
  readonly payable: string;
  readonly receivable: string;
  readonly lines: number;
  readonly adjustments: number;
  readonly versions: number[];
  readonly nets: Readonly<Record<string, string>>;
}

/** States the lines, one statement for all of them, and adds up what it stated. */
export async function stateLines(tx: Transaction, closing: Closing): Promise<LineSums> {
  const { rows } = await tx.raw<{ rows: SumsRow[] }>(
    `${statedNow}, added as (
       insert into closed_lines (partner_id, currency, number, line_id, adjustment, kind, direction,
         amount_minor, month, agreement_version, customer_id, service_id, settled_at, occurred_at)
       select :partnerId, :currency, :number, due.line_id, due.adjustment, due.kind, due.direction,
         due.amount_minor, due.month, due.agreement_version, due.customer_id, due.service_id,
         due.settled_at, due.occurred_at
       from due
       order by due.line_id
       returning adjustment, kind, direction, amount_minor, agreement_version
     )
     select ${sums}, ${netsOf('added')} from added`,
    { ...closing },
  );
  return sumsOf(rows[0]);
}

/** What a close of these days would add up to, nothing of it stored. */
export async function sumDue(db: Database | Transaction, closing: Closing): Promise<LineSums> {
  const { rows } = await db.raw<{ rows: SumsRow[] }>(
    `${statedNow} select ${sums}, ${netsOf('due')} from due`,
    {
      ...closing,
    },
  );
  return sumsOf(rows[0]);
}

/** An adjustment that a close would make: by how much a line is different from what statements state. */
export interface DueAdjustment extends ClosedLine {
  readonly adjustment: Adjustment;
  /** What closed statements state of the line. */
  readonly statedMinor: bigint;
}

/** The adjustments that a close of these days would make, in the order of ids. */
export async function findDueAdjustments(
  db: Database | Transaction,
  days: Omit<Closing, 'number'>,
  page: { after?: string | undefined; limit?: number } = {},
): Promise<DueAdjustment[]> {
  const { rows } = await db.raw<{ rows: (ClosedLineRow & DueRow)[] }>(
    `${statedNow}
     select due.line_id, due.adjustment, due.kind, due.amount_minor, due.month, due.customer_id,
       due.service_id, due.settled_at, due.occurred_at, coalesce(stated.minor, 0) as stated_minor
     from due left join stated on stated.line_id = due.line_id
     where due.adjustment is not null
       and (cast(:after as uuid) is null or due.line_id > cast(:after as uuid))
     order by due.line_id
     limit :limit`,
    { ...days, after: page.after ?? null, limit: page.limit ?? null },
  );
  return rows.map((row) => ({
    ...closedLineOf(row),
    adjustment: row.adjustment,
    statedMinor: BigInt(row.stated_minor),
  }));
}

interface DueRow {
  readonly adjustment: Adjustment;
  readonly stated_minor: string;
}

function sumsOf(row: SumsRow | undefined): LineSums {
  if (!row) throw new Error('An aggregate has a row.');
  return {
    accruedMinor: BigInt(row.accrued),
    reversedMinor: BigInt(row.reversed),
    adjustedMinor: BigInt(row.adjusted),
    payableMinor: BigInt(row.payable),
    receivableMinor: BigInt(row.receivable),
    lineCount: row.lines,
    adjustmentCount: row.adjustments,
    agreementVersions: row.versions,
    versionNets: new Map(row.versions.map((version) => [version, BigInt(row.nets[version] ?? 0)])),
  };
}

/** What the statements before this one stated under each agreement version. */
export async function findNetsBefore(
  tx: Transaction,
  { partnerId, currency, number }: Closing,
): Promise<Map<number, bigint>> {
  const rows = await tx('closed_lines')
    .where({ partner_id: partnerId, currency })
    .where('closed_lines.number', '<', number)
    .groupBy('closed_lines.agreement_version')
    .select<{ version: number; minor: string }[]>(
      'closed_lines.agreement_version as version',
      tx.raw('sum(closed_lines.amount_minor) as minor'),
    );
  return new Map(rows.map(({ version, minor }) => [version, BigInt(minor)]));
}

/** A line as a statement states it, and what decides who may be shown what of it. */
export interface ClosedLine {
  readonly lineId: LineId;
  readonly adjustment: Adjustment | null;
  readonly kind: string;
  readonly amountMinor: bigint;
  readonly month: string;
  readonly customerId: CustomerId | null;
  readonly serviceId: ServiceId | null;
  readonly settledAt: Date | null;
  readonly occurredAt: Date | null;
}

/**
 * Lines of one statement: those of its own period or its adjustments, in the order of ids, after a
 * line; or those named by their ids.
 */
export async function findClosedLines(
  db: Database | Transaction,
  statement: { partnerId: PartnerId; currency: string; number: number },
  which:
    | { isAdjustment: boolean; after: LineId | undefined; limit: number }
    | { lineIds: readonly string[] },
): Promise<ClosedLine[]> {
  const query = db('closed_lines')
    .select<ClosedLineRow[]>(
      'line_id',
      'adjustment',
      'kind',
      'amount_minor',
      'month',
      'customer_id',
      'service_id',
      'settled_at',
      'occurred_at',
    )
    .where({
      'closed_lines.partner_id': statement.partnerId,
      'closed_lines.currency': statement.currency,
      'closed_lines.number': statement.number,
    });
  if ('lineIds' in which) {
    void query.whereRaw('closed_lines.line_id = any(?::uuid[])', [[...which.lineIds]]);
  } else {
    void query
      .whereRaw(`closed_lines.adjustment is ${which.isAdjustment ? 'not null' : 'null'}`)
      .orderBy('closed_lines.line_id')
      .limit(which.limit);
    if (which.after !== undefined) void query.where('closed_lines.line_id', '>', which.after);
  }
  return (await query).map(closedLineOf);
}

function closedLineOf(row: ClosedLineRow): ClosedLine {
  return {
    lineId: row.line_id,
    adjustment: row.adjustment,
    kind: row.kind,
    amountMinor: BigInt(row.amount_minor),
    month: row.month,
    customerId: row.customer_id,
    serviceId: row.service_id,
    settledAt: row.settled_at,
    occurredAt: row.occurred_at,
  };
}

interface ClosedLineRow {
  readonly line_id: LineId;
  readonly adjustment: Adjustment | null;
  readonly kind: string;
  readonly amount_minor: string;
  readonly month: string;
  readonly customer_id: CustomerId | null;
  readonly service_id: ServiceId | null;
  readonly settled_at: Date | null;
  readonly occurred_at: Date | null;
}

export async function insertPage(
  tx: Transaction,
  { partnerId, currency, number }: Closing,
  page: { firstLine: number; lines: Buffer },
): Promise<void> {
  await tx('closed_pages').insert({
    partner_id: partnerId,
    currency,
    number,
    first_line: page.firstLine,
    lines: page.lines,
  });
}

/** What one closed statement states of a line. */
export interface LineOnStatement {
  readonly partnerId: PartnerId;
  readonly period: string;
  readonly currency: string;
  readonly adjustment: Adjustment | null;
  readonly kind: string;
  /** The month in which its payment settled or its refund was made. */
  readonly month: string;
  readonly amountMinor: bigint;
}

/** Every closed statement that states a line, in the order in which they were closed. */
export async function findStatementsOfLine(
  db: Database | Transaction,
  lineId: LineId,
): Promise<LineOnStatement[]> {
  const { rows } = await db.raw<{ rows: LineOnStatementRow[] }>(
    `select closed_lines.partner_id, closed_statements.period, closed_lines.currency,
       closed_lines.adjustment, closed_lines.kind, closed_lines.month, closed_lines.amount_minor
     from closed_lines
       join closed_statements using (partner_id, currency, number)
     where closed_lines.line_id = ?
     order by closed_statements.until_day, closed_lines.currency, closed_lines.number`,
    [lineId],
  );
  return rows.map((row) => ({
    partnerId: row.partner_id,
    period: row.period,
    currency: row.currency,
    adjustment: row.adjustment,
    kind: row.kind,
    month: row.month,
    amountMinor: BigInt(row.amount_minor),
  }));
}

interface LineOnStatementRow {
  readonly partner_id: PartnerId;
  readonly period: string;
  readonly currency: string;
  readonly adjustment: Adjustment | null;
  readonly kind: string;
  readonly month: string;
  readonly amount_minor: string;
}

/**
 * The currencies in which a partner has lines or transfers, or had some on a closed statement; with the
 * first day on which one is available or moved, or the first of its statements.
 */
export async function findCurrencies(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<{ currency: string; firstDay: string }[]> {
  const { rows } = await db.raw<{ rows: { currency: string; first_day: string }[] }>(
    `select day.currency, min(day.first_day) as first_day
     from (
       select fee_accruals.currency, min(fee_accruals.available_on) as first_day
         from fee_accruals where fee_accruals.partner_id = :partnerId
         group by fee_accruals.currency
       union all
       select closed_statements.currency, min(closed_statements.from_day)
         from closed_statements where closed_statements.partner_id = :partnerId
         group by closed_statements.currency
       union all
       select transfers.currency, min(transfers.on_day)
         from transfers where transfers.partner_id = :partnerId
         group by transfers.currency
     ) as day
     group by day.currency order by day.currency`,
    { partnerId },
  );
  return rows.map((row) => ({ currency: row.currency, firstDay: row.first_day }));
}

/**
 * The first day from one on at which a line is available or something was collected; the last day until
 * one that earned.
 */
export async function findLineDays(
  db: Database | Transaction,
  { partnerId, currency, fromDay, untilDay }: Omit<Closing, 'number'>,
): Promise<{ next: string | undefined; lastEarned: string | undefined }> {
  const { rows } = await db.raw<{ rows: { next: string | null; last: string | null }[] }>(
    `select
       least((select min(fee_accruals.available_on) from fee_accruals
        where fee_accruals.partner_id = :partnerId and fee_accruals.currency = :currency
          and fee_accruals.available_on >= cast(:fromDay as date)),
        (select min(transfers.on_day) from transfers
         where transfers.partner_id = :partnerId and transfers.currency = :currency
           and transfers.kind = 'collected'
           and transfers.on_day >= cast(:fromDay as date))) as next,
       (select max(fee_accruals.available_on) from fee_accruals
        where fee_accruals.partner_id = :partnerId and fee_accruals.currency = :currency
          and fee_accruals.available_on < cast(:untilDay as date)
          and fee_accruals.kind = 'accrual' and fee_accruals.fee_minor <> 0) as last`,
    { partnerId, currency, fromDay, untilDay },
  );
  return { next: rows[0]?.next ?? undefined, lastEarned: rows[0]?.last ?? undefined };
}
