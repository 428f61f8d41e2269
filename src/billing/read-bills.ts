import {
  agreementInForce,
  findAgreementVersions,
  serviceIsCovered,
  type AgreementTerms,
} from '../agreements/index.ts';
import { findPartners, type Partner, type PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  findCurrentRecords,
  findCustomerKeys,
  findServices,
  isKnownCustomer,
  recordIdOf,
  UnknownCustomer,
  type CustomerId,
  type HeldRecord,
} from '../records/index.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import { billsOf, stretchesOf, type Bill, type BillSources, type Stretch } from './bill-rules.ts';
import {
  findInvoiceOwner,
  findModeChanges,
  findReports,
  findReportsOfCustomers,
} from './billing-store.ts';
import { UnknownInvoice, type CollectionReport, type ModeChange } from './billing.ts';

/** What a customer's bills follow from, and the bills. */
export type BilledCustomer = BillSources & {
  readonly customerId: CustomerId;
  readonly bills: readonly Bill[];
};

/** Whose bills are read, and as of when. */
interface Read {
  readonly customerIds: readonly CustomerId[];
  readonly timeZone: string;
  readonly now: Date;
}

/** The bills of these customers, and what each follows from; in the order of the ids given. */
export async function readBills(
  db: Database | Transaction,
  { customerIds, timeZone, now }: Read,
): Promise<BilledCustomer[]> {
  const types = ['invoice', 'payment', 'refund'];
  const records = new Map<string, HeldRecord[]>();
  for (const record of await findCurrentRecords(db, { customerIds, types })) {
    const key = `${record.customerId} ${record.type}`;
    const known = records.get(key) ?? [];
    known.push(record);
    records.set(key, known);
  }
  const relationships = await findRelationshipsOfCustomers(db, customerIds);
  const changes = await findModeChanges(db, customerIds);
  const reports = await findReportsOfCustomers(db, customerIds);
  const stretches = relationships.flatMap((relationship) =>
    stretchesOf(relationship, changes, timeZone).map((stretch) => ({
      ...stretch,
      customerId: relationship.customerId,
    })),
  );
  const mayBill = await billersAgreed(db, { stretches, now });
  return customerIds.map((customerId) => {
    const held = (type: string): readonly HeldRecord[] =>
      records.get(`${customerId} ${type}`) ?? [];
    const sources = {
      ...{ invoices: held('invoice'), payments: held('payment'), refunds: held('refund') },
      stretches: stretches.filter((one) => one.customerId === customerId && mayBill(one)),
      reports: reports.filter((report) => report.customerId === customerId),
    };
    return { ...sources, customerId, bills: billsOf(sources) };
  });
}

/** Who may bill what, as is agreed now: for the purpose `billing`, of the services that it covers. */
async function billersAgreed(
  db: Database | Transaction,
  { stretches, now }: { stretches: readonly Stretch[]; now: Date },
): Promise<(stretch: Pick<Stretch, 'partnerId' | 'serviceId'>) => boolean> {
  if (stretches.length === 0) return () => false;
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const agreed = new Map<PartnerId, AgreementTerms | undefined>();
  for (const { partnerId } of stretches) {
    if (agreed.has(partnerId)) continue;
    const versions = await findAgreementVersions(db, partnerId);
    agreed.set(partnerId, agreementInForce(versions, now)?.terms);
  }
  return ({ partnerId, serviceId }) =>
    mayBillUnder(agreed.get(partnerId), services.get(serviceId) ?? '');
}

/** Whether terms let a partner bill a service, by its key. */
export function mayBillUnder(terms: AgreementTerms | undefined, serviceKey: string): boolean {
  return (
    terms !== undefined &&
    terms.purposes.includes('billing') &&
    terms.classes.includes('billing') &&
    serviceIsCovered(terms, serviceKey)
  );
}

/** A mode change by the keys of whom it concerns. */
export type ToldChange = ModeChange & { readonly partner: string; readonly service: string };

/**
 * How a customer is billed, by the changes of it in the order in which they were booked. Refuses
 * `unknown-customer`.
 */
export async function listModeChanges(
  { db }: Pick<Tools, 'db'>,
  customerId: CustomerId,
): Promise<ToldChange[]> {
  if (!(await isKnownCustomer(db, customerId))) throw new Refusal(UnknownCustomer);
  const partners = new Map((await findPartners(db)).map(({ id, key }) => [id, key]));
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const changes = await findModeChanges(db, [customerId]);
  return changes
    .sort(
      (one, other) =>
        one.bookedAt.getTime() - other.bookedAt.getTime() || (one.fromDay < other.fromDay ? -1 : 1),
    )
    .map((change) => ({
      ...change,
      partner: partners.get(change.partnerId) ?? '',
      service: services.get(change.serviceId) ?? '',
    }));
}

/** A bill, with the keys of its customer and of the partner that bills it. */
export type ToldBill = Bill & { readonly customer: string; readonly partner: string | null };

/** Who bills an invoice, by its key, and what is left of it. Refuses `unknown-invoice`. */
export async function readBill(
  { db, settings, clock }: Tools,
  invoiceKey: string,
): Promise<ToldBill> {
  const invoiceId = recordIdOf('invoice', invoiceKey);
  const owner = await findInvoiceOwner(db, invoiceId);
  if (!owner) throw new Refusal(UnknownInvoice);
  const { timeZone } = settings;
  const now = clock.now();
  const [billed] = await readBills(db, { customerIds: [owner], timeZone, now });
  const bill = billed?.bills.find((one) => one.invoiceId === invoiceId);
  if (!bill) throw new Refusal(UnknownInvoice);
  const customer = (await findCustomerKeys(db, [owner])).get(owner) ?? '';
  const { biller } = bill;
  const partnerId = biller.is === 'partner' ? biller.partnerId : undefined;
  const partner = (await findPartners(db)).find(({ id }) => id === partnerId)?.key ?? null;
  return { ...bill, customer, partner };
}

/** A partner's report, and the statement that states it, where it moved something and one does. */
export type ToldReport = CollectionReport & { readonly statement: string | null };

/** What a partner reported, after one of its reports, in the order in which it came. */
export async function listReports(
  { db }: Pick<Tools, 'db'>,
  page: { partner: Pick<Partner, 'id'>; after: number; limit: number },
): Promise<{ reports: ToldReport[]; next: number | undefined }> {
  const { partner, after, limit } = page;
  const found = await findReports(db, { partnerId: partner.id, after, limit: limit + 1 });
  const reports = found.slice(0, limit).map(({ period, ...report }) => ({
    ...report,
    statement: period === null ? null : `${period}.${report.currency}`,
  }));
  return { reports, next: found.length > limit ? reports.at(-1)?.number : undefined };
}
