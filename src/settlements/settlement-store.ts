import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Period } from './period-rules.ts';
import { statementIdOf } from './period-rules.ts';
import type { ClosedStatement, Person, StatementAmounts, StatementName } from './settlement.ts';

interface StatementRow {
  readonly partner_id: PartnerId;
  readonly currency: string;
  readonly number: number;
  readonly period: string;
  readonly from_day: string;
  readonly until_day: string;
  readonly opening_minor: string;
  readonly accrued_minor: string;
  readonly reversed_minor: string;
  readonly adjusted_minor: string;
  readonly tax_minor: string;
  readonly collected_minor: string;
  readonly remitted_minor: string;
  readonly closing_minor: string;
  readonly payout_minor: string;
  readonly forfeited_minor: string;
  readonly carried_minor: string;
  readonly line_count: number;
  readonly adjustment_count: number;
  readonly agreement_versions: number[];
  readonly document: Buffer;
  readonly sha256: Buffer;
  readonly closed_by: string;
  readonly closed_by_name: string;
  readonly closed_at: Date;
  readonly logged_at: Date | null;
  readonly approved_by: string | null;
  readonly approved_by_name: string | null;
  readonly approved_at: Date | null;
  readonly reference: string | null;
  readonly paid_by: string | null;
  readonly paid_by_name: string | null;
  readonly paid_at: Date | null;
}

const selected = `
  select closed_statements.*, closer.name as closed_by_name, logged_statements.logged_at,
    approved_statements.approved_by, approver.name as approved_by_name,
    approved_statements.approved_at, paid_statements.reference, paid_statements.paid_by,
    payer.name as paid_by_name, paid_statements.paid_at
  from closed_statements
    join staff as closer on closer.id = closed_statements.closed_by
    left join logged_statements using (partner_id, currency, number)
    left join approved_statements using (partner_id, currency, number)
    left join staff as approver on approver.id = approved_statements.approved_by
    left join paid_statements using (partner_id, currency, number)
    left join staff as payer on payer.id = paid_statements.paid_by`;

/** One closed statement; undefined where the period is not closed. */
export async function findClosedStatement(
  db: Database | Transaction,
  { partnerId, period, currency }: StatementName,
): Promise<ClosedStatement | undefined> {
  const { rows } = await db.raw<{ rows: StatementRow[] }>(
    `${selected} where closed_statements.partner_id = :partnerId
       and closed_statements.period = :period and closed_statements.currency = :currency`,
    { partnerId, period, currency },
  );
  return rows[0] && statementOf(rows[0]);
}

/** The last statement of a partner and currency. */
export async function findLastStatement(
  db: Database | Transaction,
  { partnerId, currency }: { partnerId: PartnerId; currency: string },
): Promise<ClosedStatement | undefined> {
  const { rows } = await db.raw<{ rows: StatementRow[] }>(
    `${selected} where closed_statements.partner_id = :partnerId
       and closed_statements.currency = :currency
     order by closed_statements.number desc limit 1`,
    { partnerId, currency },
  );
  return rows[0] && statementOf(rows[0]);
}

/** Closed statements, of all partners or one, the latest first. */
export async function findClosedStatements(
  db: Database | Transaction,
  { partnerId, status }: { partnerId?: PartnerId | undefined; status?: string | undefined } = {},
): Promise<ClosedStatement[]> {
  const { rows } = await db.raw<{ rows: StatementRow[] }>(
    `${selected} where cast(:partnerId as uuid) is null or closed_statements.partner_id = :partnerId
     order by closed_statements.until_day desc, closed_statements.partner_id,
       closed_statements.currency`,
    { partnerId: partnerId ?? null },
  );
  return rows.map(statementOf).filter((one) => status === undefined || one.status === status);
}

/** Waits for who else settles this statement, until the transaction ends. */
export async function lockStatement(
  tx: Transaction,
  name: StatementName,
): Promise<ClosedStatement | undefined> {
  // Its row is never changed, so it needs another lock than that of a row for an update.
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `settlement ${name.partnerId} ${statementIdOf(name)}`,
  ]);
  return findClosedStatement(tx, name);
}

export async function insertStatement(
  tx: Transaction,
  statement: StatementAmounts & {
    readonly partnerId: PartnerId;
    readonly currency: string;
    readonly number: number;
    readonly period: Period;
    readonly lineCount: number;
    readonly adjustmentCount: number;
    readonly agreementVersions: readonly number[];
    readonly document: Buffer;
    readonly sha256: Buffer;
    readonly closedBy: string;
    readonly closedAt: Date;
  },
): Promise<void> {
  await tx('closed_statements').insert({
    partner_id: statement.partnerId,
    currency: statement.currency,
    number: statement.number,
    period: statement.period.period,
    from_day: statement.period.fromDay,
    until_day: statement.period.untilDay,
    opening_minor: String(statement.openingMinor),
    accrued_minor: String(statement.accruedMinor),
    reversed_minor: String(statement.reversedMinor),
    adjusted_minor: String(statement.adjustedMinor),
    tax_minor: String(statement.taxMinor),
    collected_minor: String(statement.collectedMinor),
    remitted_minor: String(statement.remittedMinor),
    closing_minor: String(statement.closingMinor),
    payout_minor: String(statement.payoutMinor),
    forfeited_minor: String(statement.forfeitedMinor),
    carried_minor: String(statement.carriedMinor),
    line_count: statement.lineCount,
    adjustment_count: statement.adjustmentCount,
    agreement_versions: [...statement.agreementVersions],
    document: statement.document,
    sha256: statement.sha256,
    closed_by: statement.closedBy,
    closed_at: statement.closedAt,
  });
}

type Numbered = Pick<ClosedStatement, 'partnerId' | 'currency' | 'number'>;

const keyOf = ({ partnerId, currency, number }: Numbered) => ({
  partner_id: partnerId,
  currency,
  number,
});

export async function insertLogged(
  tx: Transaction,
  statement: Numbered,
  { entryId, at }: { entryId: string; at: Date },
): Promise<void> {
  await tx('logged_statements').insert({ ...keyOf(statement), entry_id: entryId, logged_at: at });
}

export async function insertApproved(
  tx: Transaction,
  statement: Numbered,
  { by, at }: { by: string; at: Date },
): Promise<void> {
  const approved = { approved_by: by, approved_at: at };
  await tx('approved_statements').insert({ ...keyOf(statement), ...approved });
}

export async function insertPaid(
  tx: Transaction,
  statement: Numbered,
  { reference, entryId, by, at }: { reference: string; entryId: string; by: string; at: Date },
): Promise<void> {
  const paid = { reference, entry_id: entryId, paid_by: by, paid_at: at };
  await tx('paid_statements').insert({ ...keyOf(statement), ...paid });
}

/**
 * Writes down what was agreed to pay because of a claim: the next statement that is closed in its
 * currency states it. False: it was agreed before.
 */
export async function insertAgreedAdjustment(
  tx: Transaction,
  agreed: {
    readonly partnerId: PartnerId;
    readonly claimId: string;
    readonly currency: string;
    readonly amountMinor: bigint;
    readonly month: string;
    readonly agreementVersion: number;
    readonly agreedAt: Date;
  },
): Promise<boolean> {
  const rows = await tx('agreed_adjustments')
    .insert({
      partner_id: agreed.partnerId,
      claim_id: agreed.claimId,
      currency: agreed.currency,
      amount_minor: String(agreed.amountMinor),
      month: agreed.month,
      agreement_version: agreed.agreementVersion,
      agreed_at: agreed.agreedAt,
    })
    .onConflict(['partner_id', 'claim_id'])
    .ignore()
    .returning<{ claim_id: string }[]>('claim_id');
  return rows.length === 1;
}

/** The texts of a statement's lines, from one place to below another. */
export async function findKeptLines(
  db: Database | Transaction,
  statement: Numbered,
  { from, to }: { from: number; to: number },
): Promise<string[]> {
  const rows = await db('closed_pages')
    .select<{ first_line: number; lines: Buffer }[]>('first_line', 'lines')
    .where(keyOf(statement))
    .where('closed_pages.first_line', '<', to)
    .where('closed_pages.first_line', '>', from - linesOfPage)
    .orderBy('closed_pages.first_line');
  const first = rows[0]?.first_line ?? 0;
  const lines = rows.flatMap((row) => row.lines.toString('utf8').split('\n'));
  return lines.slice(Math.max(from - first, 0), to - first);
}

/** How many lines stand on a page at most. */
export const linesOfPage = 1000;

function statementOf(row: StatementRow): ClosedStatement {
  const { approved_at: approvedAt, paid_at: paidAt, reference } = row;
  const approver = personOf(row.approved_by, row.approved_by_name);
  const payer = personOf(row.paid_by, row.paid_by_name);
  const approved = approver && approvedAt ? { by: approver, at: approvedAt } : null;
  const paid = payer && paidAt && reference ? { reference, by: payer, at: paidAt } : null;
  return {
    id: statementIdOf(row),
    partnerId: row.partner_id,
    currency: row.currency,
    number: row.number,
    period: row.period,
    status: paid ? 'paid' : approved ? 'approved' : 'closed',
    fromDay: row.from_day,
    untilDay: row.until_day,
    openingMinor: BigInt(row.opening_minor),
    accruedMinor: BigInt(row.accrued_minor),
    reversedMinor: BigInt(row.reversed_minor),
    adjustedMinor: BigInt(row.adjusted_minor),
    taxMinor: BigInt(row.tax_minor),
    collectedMinor: BigInt(row.collected_minor),
    remittedMinor: BigInt(row.remitted_minor),
    closingMinor: BigInt(row.closing_minor),
    payoutMinor: BigInt(row.payout_minor),
    forfeitedMinor: BigInt(row.forfeited_minor),
    carriedMinor: BigInt(row.carried_minor),
    lineCount: row.line_count,
    adjustmentCount: row.adjustment_count,
    agreementVersions: row.agreement_versions,
    document: row.document,
    sha256: row.sha256,
    closedBy: { id: row.closed_by, name: row.closed_by_name },
    closedAt: row.closed_at,
    isLogged: row.logged_at !== null,
    approved,
    paid,
  };
}

function personOf(id: string | null, name: string | null): Person | null {
  return id !== null && name !== null ? { id, name } : null;
}
