import { findAgreementVersions } from '../agreements/index.ts';
import { takeRecordsIn } from '../intake/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { readEpoch } from '../logs/index.ts';
import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import {
  findCustomerKeys,
  findService,
  lockCustomers,
  recordIdOf,
  type RecordId,
} from '../records/index.ts';
import { zoneAt } from '../settlements/index.ts';
import { underType, type Tried } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { bookCollection } from '../transfers/index.ts';
import { callerForBilling, type Bill } from './bill-rules.ts';
import { findInvoiceOwner, findReport, insertReport, nextNumber } from './billing-store.ts';
import {
  NotBilled,
  UnknownInvoice,
  type CollectionReport,
  type Rejection,
  type Reported,
} from './billing.ts';
import { readBills, type BilledCustomer } from './read-bills.ts';
import { isSameReport, objectionToReport, taxPart } from './report-rules.ts';

/** What a partner says, with the invoice by the id under which it reads it. */
export type GivenReport = Reported & { readonly invoice: string };

export type ReportOutcome =
  | { readonly outcome: 'accepted' | 'unchanged' }
  | { readonly outcome: 'rejected'; readonly code: Rejection; readonly field: string };

/**
 * Takes in what a partner reports, one after the other, each by itself: who may bill no more while they
 * are taken is refused, and what was taken before stands. `askAgain` says who asks.
 */
export async function reportCollections(
  tools: Tools,
  { reports, askAgain }: { reports: readonly GivenReport[]; askAgain: () => Promise<Caller> },
): Promise<ReportOutcome[]> {
  const outcomes: ReportOutcome[] = [];
  for (const report of reports) {
    const caller = callerForBilling(await askAgain());
    const asked = { caller, recordType: 'invoice' };
    outcomes.push(
      await underType(tools, asked, (_type, { grant }) =>
        reportCollection(tools, { caller, report, epoch: grant.epoch }),
      ),
    );
  }
  return outcomes;
}

/**
 * Takes in what a partner says of one invoice: that it put it on its bill, collected something of it,
 * or failed to. What was collected is a payment of the customer and what the partner owes us, in one
 * transaction with the report. The same again under its reference changes nothing. Of an invoice that
 * the partner does not bill, whether it exists or not, nothing is told.
 */
async function reportCollection(
  tools: Tools,
  { caller, report, epoch }: { caller: Caller; report: GivenReport; epoch: bigint },
): Promise<Tried<ReportOutcome>> {
  const { partnerId, partnerKey } = caller;
  if (Number.isNaN(report.at.getTime())) {
    return { outcome: 'rejected', code: 'moment-invalid', field: 'at' };
  }
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, partnerId);
  const invoiceId = pairwise.uuidOf('invoice', report.invoice) as RecordId | undefined;
  return inTransaction(tools.db, async (tx): Promise<Tried<ReportOutcome>> => {
    const now = tools.clock.now();
    const number = await nextNumber(tx, partnerId);
    const owner = invoiceId && (await findInvoiceOwner(tx, invoiceId));
    if (owner) await lockCustomers(tx, [owner]);
    if ((await readEpoch(tx, partnerId)) !== epoch) return 'rights-changed';
    const [billed] = owner ? await readBills(tx, { customerIds: [owner], timeZone: tools.settings.timeZone, now }) : []; // prettier-ignore
    const bill = billed?.bills.find((one) => one.invoiceId === invoiceId);
    const earlier = (billed?.reports ?? []).filter(
      (one) => one.partnerId === partnerId && one.invoiceId === invoiceId,
    );
    const standing = await findReport(tx, { partnerId, reference: report.reference });
    if (standing) {
      return isSameReport({ ...report, invoiceId: invoiceId ?? '' }, standing)
        ? { outcome: 'unchanged' }
        : { outcome: 'rejected', code: 'reference-used', field: 'reference' };
    }
    const versions = await findAgreementVersions(tx, partnerId);
    const timeZone = zoneAt(versions, localDay(report.at, 'UTC'));
    const objection = objectionToReport(report, { partnerId, bill, earlier, now, timeZone });
    if (objection) return { outcome: 'rejected', ...objection };
    if (!billed || !bill) throw new Error('A report without a bill was not objected to.');
    const taken = earlier.find(({ reference }) => reference === report.takesBack);
    const kept: CollectionReport = {
      ...{ reference: report.reference, status: report.status, currency: report.currency },
      ...{ at: report.at, reason: report.reason, takesBack: report.takesBack },
      ...{ partnerId, number, customerId: billed.customerId, serviceId: bill.serviceId },
      ...{ invoiceId: bill.invoiceId, bookedAt: now },
      amountMinor: report.amountMinor ?? taken?.amountMinor ?? null,
    };
    await insertReport(tx, kept);
    await settle(tx, tools, { kept, bill, billed, partnerKey, onDay: localDay(report.at, timeZone) }); // prettier-ignore
    return { outcome: 'accepted' };
  });
}

/**
 * Takes back what is left of an invoice that a partner billed and did not give back: that is ours to bill
 * from then on, and the partner reads so among its reports. Refusals: `role-missing`,
 * `unknown-invoice`, `not-billed`.
 */
export async function takeBillBack(
  tools: Tools,
  { invoiceKey, by }: { invoiceKey: string; by: StaffId },
): Promise<void> {
  const invoiceId = recordIdOf('invoice', invoiceKey);
  await inTransaction(tools.db, async (tx) => {
    checkRole(await lockRoles(tx, by), ['finance']);
    const owner = await findInvoiceOwner(tx, invoiceId);
    if (!owner) throw new Refusal(UnknownInvoice);
    await lockCustomers(tx, [owner]);
    const now = tools.clock.now();
    const read = { customerIds: [owner], timeZone: tools.settings.timeZone, now };
    const bill = (await readBills(tx, read))[0]?.bills.find((one) => one.invoiceId === invoiceId);
    if (!bill) throw new Refusal(UnknownInvoice);
    const { biller } = bill;
    const isOnItsWay =
      biller.is === 'partner' && biller.because === 'billed' && bill.openMinor > 0n;
    if (!isOnItsWay) throw new Refusal(NotBilled);
    const { partnerId } = biller;
    await insertReport(tx, {
      ...{ partnerId, number: await nextNumber(tx, partnerId), reference: newUuid(tools) },
      ...{ customerId: owner, serviceId: bill.serviceId, invoiceId, currency: bill.currency },
      ...{ status: 'failed', amountMinor: null, reason: 'taken-back', takesBack: null },
      ...{ at: now, bookedAt: now },
    });
  });
}

interface Settling {
  readonly kept: CollectionReport;
  readonly bill: Bill;
  readonly billed: BilledCustomer;
  readonly partnerKey: string;
  readonly onDay: string;
}

/** The customer's payment, or what of it went back; and what the partner owes us for it. */
async function settle(tx: Transaction, tools: Tools, settling: Settling): Promise<void> {
  const { kept, onDay } = settling;
  const { amountMinor, status, partnerId, reference, currency } = kept;
  if (amountMinor === null || status === 'billed') return;
  const isBack = status === 'failed';
  const record = await recordOf(tx, settling, amountMinor);
  const offered = { ...record, file: 'collections', line: 1 };
  const [taken] = await takeRecordsIn(tx, tools, { records: [offered] });
  if (taken?.outcome !== 'new') {
    throw new Error(
      `A collection made no record: ${taken?.problems[0]?.code ?? taken?.outcome ?? ''}`,
    );
  }
  await bookCollection(tx, tools, {
    ...{ partnerId, reference, currency, onDay },
    amountMinor: isBack ? -amountMinor : amountMinor,
  });
}

async function recordOf(
  tx: Transaction,
  { kept, bill, billed, partnerKey }: Settling,
  amountMinor: bigint,
): Promise<{ type: string; value: Record<string, unknown> }> {
  const customer = (await findCustomerKeys(tx, [kept.customerId])).get(kept.customerId);
  const service = (await findService(tx, kept.serviceId))?.key;
  const keyOf = (reference: string) => `collection ${partnerKey} ${reference}`;
  const money = (minor: bigint) => ({ amount: Number(minor), currency: kept.currency });
  const about = { id: keyOf(kept.reference), customer, service, amount: money(amountMinor) };
  if (kept.takesBack !== null) {
    const payment = keyOf(kept.takesBack);
    const tax = billed.payments.find(({ key }) => key === payment)?.body['tax'];
    return {
      type: 'refund',
      value: { ...about, payment, refundedAt: kept.at.toISOString(), kind: 'refund', ...(tax ? { tax } : {}) }, // prettier-ignore
    };
  }
  const invoice = billed.invoices.find(({ recordId }) => recordId === bill.invoiceId);
  const given = invoice?.body['tax'] as { amount: number } | undefined;
  const taxMinor = taxPart(
    { totalMinor: bill.totalMinor, taxMinor: BigInt(given?.amount ?? 0) },
    { beforeMinor: bill.creditedMinor + bill.paidMinor, amountMinor },
  );
  return {
    type: 'payment',
    value: {
      ...{ ...about, invoice: bill.invoiceKey, settledAt: kept.at.toISOString() },
      tax: money(taxMinor),
    },
  };
}
