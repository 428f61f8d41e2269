import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import { recordIdOf, type CustomerId, type RecordId, type ServiceId } from './record.ts';

/** What a fee can be taken of, in minor units of the currency. */
export interface SettledPayment {
  readonly recordId: RecordId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly amountMinor: bigint;
  /** Contained in the amount; 0 where the source named none. */
  readonly taxMinor: bigint;
  readonly parts: Readonly<Partial<Record<PaymentPart, bigint>>>;
  readonly currency: string;
  readonly settledAt: Date;
  readonly sourceKey: string;
}
export type PaymentPart = 'processorFee' | 'shipping' | 'discount';

/** What went back of a payment, or is disputed, in minor units of the currency. */
export interface PaymentRefund {
  readonly recordId: RecordId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  /** Null for a credit that names no payment. */
  readonly paymentId: RecordId | null;
  readonly kind: 'refund' | 'dispute';
  /** When a dispute was won. */
  readonly wonAt: Date | null;
  readonly amountMinor: bigint;
  readonly taxMinor: bigint;
  readonly currency: string;
  readonly refundedAt: Date;
  readonly sourceKey: string;
}

/** Whose, and of which service; of every service where none is named. */
export interface PaymentScope {
  readonly customerIds: readonly CustomerId[];
  readonly serviceId?: ServiceId;
}

/** The settled payments of these customers as they are now, oldest first. */
export async function findSettledPayments(
  db: Database | Transaction,
  { customerIds, serviceId }: PaymentScope,
): Promise<SettledPayment[]> {
  if (customerIds.length === 0) return [];
  const rows = await queryNamed<PaymentRow>(db, settledPayments, [customerIds, serviceId ?? null]);
  return rows.map((row) => ({
    recordId: row.record_id,
    customerId: row.customer_id,
    serviceId: row.service_id,
    amountMinor: BigInt(row.amount),
    taxMinor: BigInt(row.tax ?? 0),
    parts: partsOf(row),
    currency: row.currency,
    settledAt: row.dated_at,
    sourceKey: row.source_key,
  }));
}

/**
 * What was refunded or disputed of these customers' payments, as it is now, oldest first. Credit notes
 * lower an invoice before it is paid: they take nothing back.
 */
export async function findRefundsOf(
  db: Database | Transaction,
  { customerIds, serviceId }: PaymentScope,
): Promise<PaymentRefund[]> {
  if (customerIds.length === 0) return [];
  const rows = await queryNamed<RefundRow>(db, refunds, [customerIds, serviceId ?? null]);
  return rows.map((row) => ({
    recordId: row.record_id,
    customerId: row.customer_id,
    serviceId: row.service_id,
    paymentId: row.payment === null ? null : recordIdOf('payment', row.payment),
    kind: row.kind,
    wonAt: row.won_at === null ? null : new Date(row.won_at),
    amountMinor: BigInt(row.amount),
    taxMinor: BigInt(row.tax ?? 0),
    currency: row.currency,
    refundedAt: row.dated_at,
    sourceKey: row.source_key,
  }));
}

interface AmountRow {
  readonly record_id: RecordId;
  readonly customer_id: CustomerId;
  readonly service_id: ServiceId;
  readonly source_key: string;
  readonly dated_at: Date;
  readonly amount: string;
  readonly tax: string | null;
  readonly currency: string;
}
interface PaymentRow extends AmountRow {
  readonly processor_fee: string | null;
  readonly shipping: string | null;
  readonly discount: string | null;
}
interface RefundRow extends AmountRow {
  readonly payment: string | null;
  readonly kind: 'refund' | 'dispute';
  readonly won_at: string | null;
}

function partsOf(row: PaymentRow): SettledPayment['parts'] {
  return {
    ...(row.processor_fee === null ? {} : { processorFee: BigInt(row.processor_fee) }),
    ...(row.shipping === null ? {} : { shipping: BigInt(row.shipping) }),
    ...(row.discount === null ? {} : { discount: BigInt(row.discount) }),
  };
}

const amountColumns = `
  records.record_id, records.customer_id, records.service_id, records.source_key, records.dated_at,
  records.body #>> '{amount,amount}' as amount, records.body #>> '{tax,amount}' as tax,
  records.body #>> '{amount,currency}' as currency`;

const scope = `
  records.customer_id = any($1::uuid[]) and records.valid_to is null
  and ($2::uuid is null or records.service_id = $2)
  order by records.dated_at, records.record_id`;

const settledPayments = {
  name: 'settled-payments',
  text: `
    select ${amountColumns}, records.body #>> '{parts,processorFee,amount}' as processor_fee,
      records.body #>> '{parts,shipping,amount}' as shipping,
      records.body #>> '{parts,discount,amount}' as discount
    from records where records.record_type = 'payment' and ${scope}`,
};

const refunds = {
  name: 'refunds',
  text: `
    select ${amountColumns}, records.body ->> 'payment' as payment, records.body ->> 'kind' as kind,
      records.body ->> 'wonAt' as won_at
    from records where records.record_type = 'refund'
      and records.body ->> 'kind' <> 'credit-note' and ${scope}`,
};
