import { isInstant } from '../platform/calendar.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { FailureReason, ReportStatus } from './billing.ts';
import { rejections } from './billing.ts';
import type { ToldBill, ToldChange, ToldReport } from './read-bills.ts';
import type { GivenReport, ReportOutcome } from './report-collection.ts';

type OnWire = Readonly<Record<string, unknown>>;

/** A report as it is sent (schemas/billing/collections.takes.json). */
export interface WireReport {
  readonly reference: string;
  readonly invoice: string;
  readonly status: ReportStatus;
  readonly amount?: { readonly amount: number; readonly currency: string };
  readonly at: string;
  readonly reason?: FailureReason;
  readonly takesBack?: string;
  readonly currency?: string;
}

export function givenReport(report: WireReport): GivenReport {
  const { reference, invoice, status, amount, at, reason, takesBack, currency } = report;
  return {
    ...{ reference, invoice, status },
    // A leap second, or an offset without minutes, is no moment here.
    at: new Date(isInstant(at) ? at : NaN),
    amountMinor: amount ? BigInt(amount.amount) : null,
    currency: amount?.currency ?? currency ?? '',
    reason: reason ?? null,
    takesBack: takesBack ?? null,
  };
}

/** What became of the report at a place of what was sent. */
export function outcomeOnWire(
  reference: string | undefined,
  place: number,
  became: ReportOutcome,
): OnWire {
  if (became.outcome !== 'rejected') return { reference, outcome: became.outcome };
  const field = `/collections/${String(place)}/${became.field}`;
  return { reference, ...became, field, detail: rejections[became.code] };
}

export function reportOnWire(report: ToldReport): OnWire {
  const { reference, status, amountMinor, currency, at, reason, takesBack, statement } = report;
  const amount = amountMinor === null ? null : { amount: Number(amountMinor), currency };
  return { reference, status, amount, at: at.toISOString(), reason, takesBack, statement };
}

export function changeOnWire(change: ToldChange): OnWire {
  const { partner, service, mode, fromDay, evidence, actor, bookedAt } = change;
  return {
    partner,
    service,
    mode,
    from: fromDay,
    evidence,
    actor,
    bookedAt: bookedAt.toISOString(),
  };
}

export function billOnWire(bill: ToldBill): OnWire {
  const money = (minor: bigint) => ({ amount: Number(minor), currency: bill.currency });
  const { biller, period } = bill;
  return {
    invoice: bill.invoiceKey,
    customer: bill.customer,
    biller: biller.is === 'partner' ? bill.partner : biller.is === 'direct' ? 'direct' : null,
    because: biller.because,
    period: { from: period.fromDay, until: period.untilDay },
    total: money(bill.totalMinor),
    credited: money(bill.creditedMinor),
    paid: money(bill.paidMinor),
    open: money(bill.openMinor),
  };
}

/** The number of a report, in the form that cursors seal; and back. */
export function positionOfReport(number: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(BigInt(number), 8);
  return uuidText(bytes);
}

export function reportAt(position: string): number {
  return Number(uuidBytes(position).readBigUInt64BE(8));
}
