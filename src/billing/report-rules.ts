import { localDay } from '../platform/local-days.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Bill } from './bill-rules.ts';
import type { CollectionReport, Rejection, Reported } from './billing.ts';

/** What a report is judged by. */
export interface Judging {
  readonly partnerId: PartnerId;
  /** The invoice as a bill; undefined where nothing is known under its id. */
  readonly bill: Bill | undefined;
  /** What the partner reported of this invoice before. */
  readonly earlier: readonly CollectionReport[];
  readonly now: Date;
  readonly timeZone: string;
}

/**
 * Why a report is not taken, and which of its members is at fault; undefined where it is. Of what a
 * partner does not bill, nothing is told but that.
 */
export function objectionToReport(
  report: Reported,
  { partnerId, bill, earlier, now, timeZone }: Judging,
): { code: Rejection; field: string } | undefined {
  const because = (code: Rejection, field: string) => ({ code, field });
  const isTheirs = bill?.biller.is === 'partner' && bill.biller.partnerId === partnerId;
  if (!bill || !(isTheirs || isTakenBackLater(report, earlier))) {
    return because('not-bill-ready', 'invoice');
  }
  if (report.currency !== bill.currency)
    return because(
      'currency-differs',
      report.amountMinor === null ? 'currency' : 'amount/currency',
    );
  const form = objectionToForm(report);
  if (form) return form;
  if (report.at > now || localDay(report.at, timeZone) < bill.issuedOn) {
    return because('moment-invalid', 'at');
  }
  if (report.status === 'failed') {
    if (report.takesBack === null) return undefined;
    const taken = earlier.find(({ reference }) => reference === report.takesBack);
    if (!taken || !counts(report.takesBack, earlier)) {
      return because('unknown-collection', 'takesBack');
    }
    return report.at < taken.at ? because('moment-invalid', 'at') : undefined;
  }
  const most = openTo(report, bill, earlier);
  return (report.amountMinor ?? 0n) > most ? because('more-than-open', 'amount') : undefined;
}

/**
 * How much may be billed or collected. Once the customer's word holds no more that follows from what
 * the partner said itself: what became of the invoice since is hidden from it.
 */
function openTo(
  { status }: Reported,
  { biller, openMinor }: Bill,
  earlier: readonly CollectionReport[],
): bigint {
  const sumOf = (which: CollectionReport['status']) =>
    earlier
      .filter((one) => one.status === which)
      .reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0n), 0n);
  const onItsWay = sumOf('billed') - sumOf('collected');
  if (biller.is === 'partner' && !biller.isAgreed) return status === 'collected' ? onItsWay : 0n;
  return status === 'billed' && onItsWay > 0n ? openMinor - onItsWay : openMinor;
}

/** An invoice that was given back can still have a collection that the customer's bank returns. */
function isTakenBackLater(
  { status, takesBack }: Reported,
  earlier: readonly CollectionReport[],
): boolean {
  return status === 'failed' && takesBack !== null && counts(takesBack, earlier);
}

function counts(reference: string, earlier: readonly CollectionReport[]): boolean {
  return (
    earlier.some((one) => one.reference === reference && one.status === 'collected') &&
    !earlier.some(({ takesBack }) => takesBack === reference)
  );
}

function objectionToForm(report: Reported): { code: Rejection; field: string } | undefined {
  const { status, amountMinor, reason, takesBack } = report;
  if (status === 'failed') {
    if (amountMinor !== null) return { code: 'amount-unexpected', field: 'amount' };
    return reason === null ? { code: 'reason-missing', field: 'reason' } : undefined;
  }
  if (amountMinor === null) return { code: 'amount-missing', field: 'amount' };
  if (reason !== null) return { code: 'reason-unexpected', field: 'reason' };
  return takesBack === null ? undefined : { code: 'reason-unexpected', field: 'takesBack' };
}

/** Whether a report says what stands under its reference. */
export function isSameReport(
  one: Reported & { readonly invoiceId: string },
  other: CollectionReport,
): boolean {
  return (
    one.invoiceId === other.invoiceId &&
    one.status === other.status &&
    one.currency === other.currency &&
    one.at.getTime() === other.at.getTime() &&
    one.reason === other.reason &&
    one.takesBack === other.takesBack &&
    (one.amountMinor === other.amountMinor || one.takesBack !== null)
  );
}

/** The part of an invoice's tax in what is collected now, so that all parts together are the tax. */
export function taxPart(
  bill: { readonly totalMinor: bigint; readonly taxMinor: bigint },
  { beforeMinor, amountMinor }: { beforeMinor: bigint; amountMinor: bigint },
): bigint {
  if (bill.totalMinor === 0n) return 0n;
  const taxMinor = bill.taxMinor < bill.totalMinor ? bill.taxMinor : bill.totalMinor;
  const until = (minor: bigint) => (taxMinor * minor) / bill.totalMinor;
  return until(beforeMinor + amountMinor) - until(beforeMinor);
}
