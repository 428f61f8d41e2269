import type { PartnerId } from '../partners/index.ts';
import { addDays } from '../platform/calendar-days.ts';
import { localDay } from '../platform/local-days.ts';
import type { HeldRecord, RecordId, ServiceId } from '../records/index.ts';
import type { Relationship } from '../relationships/index.ts';
import type { CollectionReport, ModeChange } from './billing.ts';

/** Local days, half open, in which a partner bills a customer's service; until null: still. */
export interface Stretch {
  readonly partnerId: PartnerId;
  readonly serviceId: ServiceId;
  readonly fromDay: string;
  readonly untilDay: string | null;
}

/**
 * The stretches in which a partner bills a customer of both. The customer's word holds as long as the
 * relationship is open without a break: after an opt-out it has to be given anew. What has ended is
 * billed by us.
 */
export function stretchesOf(
  relationship: Relationship,
  changes: readonly ModeChange[],
  timeZone: string,
): Stretch[] {
  const open = relationship.openParts.find(({ until }) => until === null);
  if (!open || !relationship.isActive) return [];
  const openFrom = localDay(open.from, timeZone);
  const own = changes
    .filter(({ relationshipId }) => relationshipId === relationship.id)
    .sort((one, other) => one.sequence - other.sequence);
  return own.flatMap(({ mode, fromDay }, i): Stretch[] => {
    const untilDay = own[i + 1]?.fromDay ?? null;
    if (mode !== 'consolidated' || fromDay < openFrom || untilDay === fromDay) return [];
    const { partnerId, serviceId } = relationship;
    return [{ partnerId, serviceId, fromDay, untilDay }];
  });
}

/** Days, half open. */
export interface Period {
  readonly fromDay: string;
  readonly untilDay: string;
}

interface InvoiceBody {
  readonly issuedOn: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly lines?: readonly { readonly periodFrom?: string; readonly periodTo?: string }[];
}

/**
 * What an invoice bills for: from the first day to the last that its lines name, else the day on which
 * it was issued. A period that ends on the day on which the next begins does not overlap it.
 */
export function periodOf(invoice: HeldRecord): Period {
  const { issuedOn, lines = [] } = invoice.body as unknown as InvoiceBody;
  const days = lines
    .flatMap(({ periodFrom, periodTo }) => [periodFrom, periodTo])
    .filter((day) => day !== undefined)
    .sort();
  const fromDay = days[0] ?? issuedOn;
  const last = days.at(-1) ?? fromDay;
  return { fromDay, untilDay: last > fromDay ? last : addDays(fromDay, 1) };
}

/** An invoice, who bills it, and what is left of it. */
export interface Bill {
  readonly invoiceId: RecordId;
  readonly invoiceKey: string;
  readonly serviceId: ServiceId;
  readonly issuedOn: string;
  readonly period: Period;
  readonly currency: string;
  readonly totalMinor: bigint;
  /** Credit notes lower it, before it is paid. */
  readonly creditedMinor: bigint;
  /** Payments for it, less what of them was refunded. */
  readonly paidMinor: bigint;
  readonly openMinor: bigint;
  readonly biller: Biller;
}

/**
 * Who bills an invoice: we do; or the partner in whose stretch its whole period lies, or that has
 * billed it and neither collected nor returned it; or nobody, as long as it overlaps one of somebody
 * else.
 */
export type Biller =
  | { readonly is: 'direct'; readonly because: 'direct' | 'returned' }
  | { readonly is: 'partner'; readonly partnerId: PartnerId; readonly because: 'agreed' | 'billed' }
  | { readonly is: 'nobody'; readonly because: 'overlaps' };

/** All that bears on one customer's bills. */
export interface BillSources {
  readonly invoices: readonly HeldRecord[];
  readonly payments: readonly HeldRecord[];
  readonly refunds: readonly HeldRecord[];
  readonly stretches: readonly Stretch[];
  /** Of these invoices, in the order in which they came. */
  readonly reports: readonly CollectionReport[];
}

/** A customer's invoices as bills, by the beginning of their periods. */
export function billsOf(sources: BillSources): Bill[] {
  const bills = sources.invoices.flatMap((invoice): Bill[] => {
    const { serviceId } = invoice;
    if (serviceId === null) return [];
    const { issuedOn, total } = invoice.body as unknown as InvoiceBody;
    const amounts = amountsOf(invoice, sources);
    const totalMinor = BigInt(total.amount);
    const bill = {
      ...{ invoiceId: invoice.recordId, invoiceKey: invoice.key, serviceId, issuedOn },
      ...{ period: periodOf(invoice), currency: total.currency, totalMinor, ...amounts },
      openMinor: totalMinor - amounts.creditedMinor - amounts.paidMinor,
    };
    return [{ ...bill, biller: billerOf(bill, sources) }];
  });
  bills.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  return withoutOverlaps(bills);
}

const orderOf = ({ period, invoiceId }: Bill) => `${period.fromDay} ${invoiceId}`;

function billerOf(
  { invoiceId, serviceId, period }: Pick<Bill, 'invoiceId' | 'serviceId' | 'period'>,
  { stretches, reports }: BillSources,
): Biller {
  const own = reports.filter((report) => report.invoiceId === invoiceId);
  const last = own.at(-1);
  if (own.some(({ status }) => status === 'failed')) return { is: 'direct', because: 'returned' };
  if (last) return { is: 'partner', partnerId: last.partnerId, because: 'billed' };
  const stretch = stretches.find(
    (one) =>
      one.serviceId === serviceId &&
      one.fromDay <= period.fromDay &&
      (one.untilDay === null || period.untilDay <= one.untilDay),
  );
  if (!stretch) return { is: 'direct', because: 'direct' };
  return { is: 'partner', partnerId: stretch.partnerId, because: 'agreed' };
}

function amountsOf(
  { key, body }: HeldRecord,
  { payments, refunds }: BillSources,
): Pick<Bill, 'creditedMinor' | 'paidMinor'> {
  const { currency } = (body as unknown as InvoiceBody).total;
  const sum = (records: readonly HeldRecord[]) =>
    records.reduce((all, record) => {
      const { amount } = record.body as { amount: { amount: number; currency: string } };
      return amount.currency === currency ? all + BigInt(amount.amount) : all;
    }, 0n);
  const own = payments.filter((payment) => payment.body['invoice'] === key);
  const keys = new Set<unknown>(own.map((payment) => payment.key));
  const refunded = refunds.filter(
    (refund) => refund.body['kind'] === 'refund' && keys.has(refund.body['payment']),
  );
  const credited = refunds.filter(
    (refund) => refund.body['kind'] === 'credit-note' && refund.body['invoice'] === key,
  );
  return { creditedMinor: sum(credited), paidMinor: sum(own) - sum(refunded) };
}

/** Of two that bill the same days by different billers, the one that nobody has billed waits. */
function withoutOverlaps(bills: readonly Bill[]): Bill[] {
  const waiting = new Set<RecordId>();
  for (const [i, bill] of bills.entries()) {
    for (let j = i + 1; j < bills.length; j += 1) {
      const other = bills[j];
      if (!other || other.period.fromDay >= bill.period.untilDay) break;
      if (bill.serviceId !== other.serviceId || isSameBiller(bill.biller, other.biller)) continue;
      for (const one of [bill, other]) {
        if (one.biller.because === 'agreed') waiting.add(one.invoiceId);
      }
    }
  }
  return bills.map((bill) =>
    waiting.has(bill.invoiceId) ? { ...bill, biller: { is: 'nobody', because: 'overlaps' } } : bill,
  );
}

function isSameBiller(one: Biller, other: Biller): boolean {
  const nameOf = (biller: Biller) => (biller.is === 'partner' ? biller.partnerId : biller.is);
  return nameOf(one) === nameOf(other);
}

/** Whether a partner bills this now: it may, and something is left. */
export function isBillReady({ biller, openMinor }: Bill, partnerId: PartnerId): boolean {
  return biller.is === 'partner' && biller.partnerId === partnerId && openMinor > 0n;
}
