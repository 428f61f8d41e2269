import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';
import type { RelationshipId } from '../relationships/index.ts';
import type { BillingMode, CollectionReport, ModeChange } from './billing.ts';

interface ModeRow {
  readonly customer_id: CustomerId;
  readonly relationship_id: RelationshipId;
  readonly sequence: number;
  readonly partner_id: PartnerId;
  readonly service_id: ServiceId;
  readonly mode: BillingMode;
  readonly from_day: string;
  readonly evidence: string;
  readonly actor: string;
  readonly booked_at: Date;
}

/** The mode changes of these customers, each relationship's in the order of booking. */
export async function findModeChanges(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<ModeChange[]> {
  const rows = await db('billing_modes')
    .select<ModeRow[]>('billing_modes.*')
    .whereRaw('billing_modes.customer_id = any(?::uuid[])', [[...customerIds]])
    .orderBy(['billing_modes.customer_id', 'relationship_id', 'sequence']);
  return rows.map((row) => ({
    customerId: row.customer_id,
    relationshipId: row.relationship_id,
    partnerId: row.partner_id,
    serviceId: row.service_id,
    sequence: row.sequence,
    mode: row.mode,
    fromDay: row.from_day,
    evidence: row.evidence,
    actor: row.actor,
    bookedAt: row.booked_at,
  }));
}

export async function insertModeChange(tx: Transaction, change: ModeChange): Promise<void> {
  await tx('billing_modes').insert({
    customer_id: change.customerId,
    relationship_id: change.relationshipId,
    sequence: change.sequence,
    partner_id: change.partnerId,
    service_id: change.serviceId,
    mode: change.mode,
    from_day: change.fromDay,
    evidence: change.evidence,
    actor: change.actor,
    booked_at: change.bookedAt,
  });
}

/** Customers that a partner bills or billed, after one, in the order of their ids. */
export async function findBilledCustomers(
  db: Database | Transaction,
  { partnerId, after, limit }: { partnerId: PartnerId; after: string; limit: number },
): Promise<CustomerId[]> {
  const rows = await db('billing_modes')
    .distinct<{ customer_id: CustomerId }[]>('billing_modes.customer_id')
    .where('billing_modes.partner_id', partnerId)
    .where('billing_modes.customer_id', '>', after)
    .orderBy('billing_modes.customer_id')
    .limit(limit);
  return rows.map((row) => row.customer_id);
}

interface ReportRow {
  readonly partner_id: PartnerId;
  readonly reference: string;
  readonly number: string;
  readonly customer_id: CustomerId;
  readonly service_id: ServiceId;
  readonly invoice_id: RecordId;
  readonly status: CollectionReport['status'];
  readonly amount_minor: string | null;
  readonly currency: string;
  readonly at: Date;
  readonly reason: CollectionReport['reason'];
  readonly takes_back: string | null;
  readonly booked_at: Date;
}

/** What partners reported of these customers' invoices, in the order in which it came. */
export async function findReportsOfCustomers(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<CollectionReport[]> {
  const rows = await db('collection_reports')
    .select<ReportRow[]>('collection_reports.*')
    .whereRaw('collection_reports.customer_id = any(?::uuid[])', [[...customerIds]])
    .orderBy(['collection_reports.booked_at', 'collection_reports.number']);
  return rows.map(reportOf);
}

/** The report under a partner's reference. */
export async function findReport(
  db: Database | Transaction,
  { partnerId, reference }: { partnerId: PartnerId; reference: string },
): Promise<CollectionReport | undefined> {
  const row = await db('collection_reports')
    .select<ReportRow[]>('collection_reports.*')
    .where({
      'collection_reports.partner_id': partnerId,
      'collection_reports.reference': reference,
    })
    .first();
  return row && reportOf(row);
}

/** A partner's reports after one, with the period of the statement that states each. */
export async function findReports(
  db: Database | Transaction,
  { partnerId, after, limit }: { partnerId: PartnerId; after: number; limit: number },
): Promise<(CollectionReport & { readonly period: string | null })[]> {
  const { rows } = await db.raw<{ rows: (ReportRow & { period: string | null })[] }>(
    `select collection_reports.*, closed_statements.period
     from collection_reports
       left join stated_transfers on stated_transfers.partner_id = collection_reports.partner_id
         and stated_transfers.kind = 'collected'
         and stated_transfers.reference = collection_reports.reference
       left join closed_statements on closed_statements.partner_id = stated_transfers.partner_id
         and closed_statements.currency = stated_transfers.currency
         and closed_statements.number = stated_transfers.number
     where collection_reports.partner_id = :partnerId and collection_reports.number > :after
     order by collection_reports.number
     limit :limit`,
    { partnerId, after, limit },
  );
  return rows.map((row) => ({ ...reportOf(row), period: row.period }));
}

/** Lets one report of a partner be written at a time, until the transaction ends; answers its number. */
export async function nextNumber(tx: Transaction, partnerId: PartnerId): Promise<number> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`reports ${partnerId}`]);
  const row = await tx('collection_reports')
    .where('collection_reports.partner_id', partnerId)
    .max<{ last: string | null }[]>('collection_reports.number as last')
    .first();
  return Number(row?.last ?? 0) + 1;
}

export async function insertReport(tx: Transaction, report: CollectionReport): Promise<void> {
  await tx('collection_reports').insert({
    partner_id: report.partnerId,
    reference: report.reference,
    number: report.number,
    customer_id: report.customerId,
    service_id: report.serviceId,
    invoice_id: report.invoiceId,
    status: report.status,
    amount_minor: report.amountMinor === null ? null : String(report.amountMinor),
    currency: report.currency,
    at: report.at,
    reason: report.reason,
    takes_back: report.takesBack,
    booked_at: report.bookedAt,
  });
}

/** Whose an invoice is, by its id. */
export async function findInvoiceOwner(
  db: Database | Transaction,
  invoiceId: RecordId,
): Promise<CustomerId | undefined> {
  const row = await db('records')
    .select<{ customer_id: CustomerId }[]>('records.customer_id')
    .where({ 'records.record_id': invoiceId, 'records.record_type': 'invoice' })
    .whereNull('records.valid_to')
    .first();
  return row?.customer_id;
}

function reportOf(row: ReportRow): CollectionReport {
  return {
    partnerId: row.partner_id,
    reference: row.reference,
    number: Number(row.number),
    customerId: row.customer_id,
    serviceId: row.service_id,
    invoiceId: row.invoice_id,
    status: row.status,
    amountMinor: row.amount_minor === null ? null : BigInt(row.amount_minor),
    currency: row.currency,
    at: row.at,
    reason: row.reason,
    takesBack: row.takes_back,
    bookedAt: row.booked_at,
  };
}
