import type { PartnerId } from '../partners/index.ts';
import { addDays } from '../platform/calendar-days.ts';
import { localDay } from '../platform/local-days.ts';
import type { HeldRecord, RecordId, ServiceId } from '../records/index.ts';
import type { Relationship } from '../relationships/index.ts';
import type { Caller } from '../tokens/index.ts';
import type { CollectionReport, ModeChange } from './billing.ts';

/** Local days, half open, in which a partner bills a customer's service; until null: still. */
export interface Stretch {
  readonly partnerId: PartnerId;
  readonly serviceId: ServiceId;
  readonly fromDay: string;
  readonly untilDay: string | null;
  /** What was issued before this day is hidden from the partner. */
  readonly openFrom: string;
}

/**
 * The stretches in which a partner bills a customer of both. The customer's word holds as long as the
 * relationship is open without a break: after an opt-out it has to be given anew, for whatever day it
 * was given before. What has ended is billed by us.
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
  return own.flatMap(({ mode, fromDay, bookedAt }, i): Stretch[] => {
    const untilDay = own[i + 1]?.fromDay ?? null;
    const isBroken = bookedAt < open.from || fromDay < openFrom;
    if (mode !== 'consolidated' || isBroken || untilDay === fromDay) return [];
    const { partnerId, serviceId } = relationship;
    return [{ partnerId, serviceId, fromDay, untilDay, openFrom }];
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
 * What an invoice bills for, half open: from the first day until after the last that its lines name,
 * else the day on which it was issued.
 */
export function periodOf(invoice: HeldRecord): Period {
  const { issuedOn, lines = [] } = invoice.body as unknown as InvoiceBody;
  const periods = lines.flatMap(({ periodFrom, periodTo }) => {
    const from = periodFrom ?? periodTo;
    return from === undefined ? [] : [daysOf(from, periodTo ?? from)];
  });
  const fromDays = periods.map(({ fromDay }) => fromDay).sort();
  const untilDays = periods.map(({ untilDay }) => untilDay).sort();
  const [fromDay, untilDay] = [fromDays[0], untilDays.at(-1)];
  return fromDay && untilDay ? { fromDay, untilDay } : daysOf(issuedOn, issuedOn);
}

/** Of two days in the wrong order the earlier is the first. */
function daysOf(one: string, other: string): Period {
  const [fromDay, last] = one < other ? [one, other] : [other, one];
  return { fromDay, untilDay: dayAfter(last) };
}

/** Years have four digits: after the last day there is none. */
const dayAfter = (day: string) => (day === '9999-12-31' ? day : addDays(day, 1));

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
  /** Payments for it, less collections that were taken back. */
  readonly paidMinor: bigint;
  readonly openMinor: bigint;
  readonly biller: Biller;
}

/**
 * Who bills an invoice: we do; or the partner in whose stretch its whole period lies, or that has
 * reported it and not given it back; or nobody, where the days are another biller's already.
 */
export type Biller =
  | { readonly is: 'direct'; readonly because: 'direct' | 'returned' }
  | {
      readonly is: 'partner';
      readonly partnerId: PartnerId;
      readonly because: 'agreed' | 'billed';
      /** Whether the customer’s word holds now: if not, what is left is only on its way. */
      readonly isAgreed: boolean;
    }
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
  const settled = settledBy(sources);
  const bills = sources.invoices.flatMap((invoice): Bill[] => {
    const { serviceId } = invoice;
    if (serviceId === null) return [];
    const { issuedOn, total } = invoice.body as unknown as InvoiceBody;
    const amounts = settled.get(invoice.key) ?? { creditedMinor: 0n, paidMinor: 0n };
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
  { invoiceId, serviceId, issuedOn, period }: Omit<Bill, 'biller'>,
  { stretches, reports }: BillSources,
): Biller {
  const own = reports.filter((report) => report.invoiceId === invoiceId);
  const last = own.at(-1);
  if (own.some(({ status }) => status === 'failed')) return { is: 'direct', because: 'returned' };
  const stretch = stretches.find(
    (one) =>
      one.serviceId === serviceId &&
      one.openFrom <= issuedOn &&
      one.fromDay <= period.fromDay &&
      (one.untilDay === null || period.untilDay <= one.untilDay),
  );
  if (last) {
    const { partnerId } = last;
    return { is: 'partner', partnerId, because: 'billed', isAgreed: stretch?.partnerId === partnerId }; // prettier-ignore
  }
  if (!stretch) return { is: 'direct', because: 'direct' };
  return { is: 'partner', partnerId: stretch.partnerId, because: 'agreed', isAgreed: true };
}

/** What was credited and paid of each invoice, by its key. */
function settledBy({
  payments,
  refunds,
  invoices,
  reports,
}: BillSources): Map<string, Pick<Bill, 'creditedMinor' | 'paidMinor'>> {
  const settled = new Map<string, { creditedMinor: bigint; paidMinor: bigint }>();
  const of = (key: unknown) => {
    const known = settled.get(String(key)) ?? { creditedMinor: 0n, paidMinor: 0n };
    settled.set(String(key), known);
    return known;
  };
  const minorOf = ({ body }: HeldRecord) =>
    BigInt((body['amount'] as unknown as { amount: number }).amount);
  for (const payment of payments) of(payment.body['invoice']).paidMinor += minorOf(payment);
  for (const refund of refunds) {
    if (refund.body['kind'] === 'credit-note') {
      of(refund.body['invoice']).creditedMinor += minorOf(refund);
    }
  }
  // A refund out of goodwill opens nothing again; what the customer's bank took back does.
  const keys = new Map(invoices.map(({ recordId, key }) => [recordId, key]));
  for (const { takesBack, amountMinor, invoiceId } of reports) {
    if (takesBack !== null) of(keys.get(invoiceId)).paidMinor -= amountMinor ?? 0n;
  }
  return settled;
}

/**
 * Of two that bill the same days by different billers, one waits: what a partner has not billed yet,
 * and what is ours where the partner has. What is credited in whole bills nothing.
 */
function withoutOverlaps(bills: readonly Bill[]): Bill[] {
  const waiting = new Set<RecordId>();
  const billing = bills.filter(({ totalMinor, creditedMinor }) => totalMinor > creditedMinor);
  for (const [i, bill] of billing.entries()) {
    for (let j = i + 1; j < billing.length; j += 1) {
      const other = billing[j];
      if (!other || other.period.fromDay >= bill.period.untilDay) break;
      if (bill.serviceId !== other.serviceId || isSameBiller(bill.biller, other.biller)) continue;
      if (yields(bill, other)) waiting.add(bill.invoiceId);
      if (yields(other, bill)) waiting.add(other.invoiceId);
    }
  }
  return bills.map((bill) =>
    waiting.has(bill.invoiceId) ? { ...bill, biller: { is: 'nobody', because: 'overlaps' } } : bill,
  );
}

function yields({ biller }: Bill, other: Bill): boolean {
  if (biller.because === 'agreed') return true;
  return biller.is === 'direct' && other.biller.because === 'billed';
}

function isSameBiller(one: Biller, other: Biller): boolean {
  const nameOf = (biller: Biller) => (biller.is === 'partner' ? biller.partnerId : biller.is);
  return nameOf(one) === nameOf(other);
}

/** Whether a partner bills this now: it may, and something is left. */
export function isBillReady({ biller, openMinor }: Bill, partnerId: PartnerId): boolean {
  const isTheirs = biller.is === 'partner' && biller.partnerId === partnerId && biller.isAgreed;
  return isTheirs && openMinor > 0n;
}

/** A caller as far as it bills: for the purpose `billing` alone (P13, P18). */
export function callerForBilling(caller: Caller): Caller {
  return { ...caller, purposes: caller.purposes.filter((purpose) => purpose === 'billing') };
}
