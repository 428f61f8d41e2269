import type { DisclosedSubject } from '../disclosures/index.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { checkOutgoing } from '../records/index.ts';
import {
  ClassNotShared,
  CursorInvalid,
  disclose,
  firstPosition,
  narrowedFor,
  pageOf,
  readSingle,
  underType,
  type DisclosedAnswer,
} from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { callerForBilling, isBillReady, type Bill } from './bill-rules.ts';
import { findBilledCustomers } from './billing-store.ts';
import { readBills, type BilledCustomer } from './read-bills.ts';

/**
 * Shows a partner the open invoices that it bills, through its view, and writes down that it did:
 * those of the next customers after a cursor, whole customers at a time. A token reads them for the
 * purpose `billing` alone (P13, P18).
 */
export async function shareBills(
  tools: Tools,
  ask: {
    readonly caller: Caller;
    readonly view: number | undefined;
    /** Of how many customers at most. */
    readonly limit: number;
    readonly cursor: string | undefined;
  },
): Promise<DisclosedAnswer> {
  const caller = callerForBilling(ask.caller);
  const { partnerId } = caller;
  const asked = { caller, recordType: 'invoice', view: ask.view };
  return underType(tools, asked, async (type, decision) => {
    const view = narrowedFor(type, decision, undefined);
    if (!neededToBill.every((field) => view.fields.includes(field))) {
      throw new Refusal(ClassNotShared, 'Your view of invoices shows no total: nothing can be billed by it.', { promise: 'P09' }); // prettier-ignore
    }
    const context = [partnerId, 'bill-ready', decision.view.digest];
    const key = tools.settings.keys.cursor;
    const after = ask.cursor === undefined ? firstPosition : openCursor(key, context, ask.cursor);
    if (after === undefined) {
      throw new Refusal(CursorInvalid, CursorInvalid.title, { field: 'cursor' });
    }
    const { bills, last } = await nextBills(tools, { partnerId, after, limit: ask.limit });
    const next = last === undefined ? null : sealCursor(key, context, last);
    const subjects: DisclosedSubject[] = [];
    for (const bill of bills) {
      const place = { recipientId: partnerId, services: decision.services };
      const read = await readSingle(tools.reader, view, { ...place, recordId: bill.invoiceId });
      if (read.epoch !== decision.grant.epoch) return 'rights-changed';
      for (const row of read.rows) {
        const record = Buffer.from(itemOf(bill, row.record.toString()));
        subjects.push({ number: row.subjectNumber, pairwiseId: row.subjectId, record });
      }
    }
    const records = subjects.map(({ record }) => record.toString()).join(',');
    const body = Buffer.from(`{"data":[${records}],"next":${JSON.stringify(next)}}`);
    const fault = checkOutgoing(body, pageOf(itemForm(view.wire)));
    if (fault !== undefined) throw new Error(`An answer was held back: ${fault}.`);
    const fields = view.isWhole ? null : view.fields;
    const about = { channel: 'pull', recordType: 'bill-ready', classes: view.classes, fields };
    return disclose(tools, { ...about, caller, decision, subjects, body });
  });
}

/** Customers are gone through until so many have something open, or a while has passed without any. */
async function nextBills(
  tools: Tools,
  { partnerId, after, limit }: { partnerId: Caller['partnerId']; after: string; limit: number },
): Promise<{ bills: Bill[]; last: string | undefined }> {
  const { timeZone } = tools.settings;
  const now = tools.clock.now();
  const bills: Bill[] = [];
  let last = after;
  let found = 0;
  for (let batch = 0; batch < mostBatches; batch += 1) {
    const page = { partnerId, after: last, limit: customersOfBatch };
    const customerIds = await findBilledCustomers(tools.db, page);
    for (const customer of await readBills(tools.db, { customerIds, timeZone, now })) {
      const ready = readyOf(customer, partnerId);
      if (ready.length > 0 && found === limit) return { bills, last };
      if (ready.length > 0) found += 1;
      bills.push(...ready);
      last = customer.customerId;
    }
    if (customerIds.length < customersOfBatch) return { bills, last: undefined };
  }
  return { bills, last };
}

/** What is left to bill tells of the total. */
const neededToBill = ['total.amount', 'total.currency'];

const customersOfBatch = 200;
const mostBatches = 20;

function readyOf({ bills }: BilledCustomer, partnerId: Caller['partnerId']): Bill[] {
  return bills.filter((bill) => isBillReady(bill, partnerId));
}

/**
 * The invoice as the partner reads it elsewhere; then what is left to bill, which is billing data as
 * the total is. Whether that is less because of payments or of credit notes is not told.
 */
function itemOf(bill: Bill, invoice: string): string {
  const money = (minor: bigint) => ({ amount: Number(minor), currency: bill.currency });
  const sums = {
    open: money(bill.openMinor),
    isBilled: bill.biller.because === 'billed',
  };
  return `{"invoice":${invoice},${JSON.stringify(sums).slice(1)}`;
}

const forms = new WeakMap<Record<string, unknown>, Record<string, unknown>>();

function itemForm(invoice: Record<string, unknown>): Record<string, unknown> {
  const known = forms.get(invoice);
  if (known) return known;
  const money = {
    type: 'object',
    additionalProperties: false,
    required: ['amount', 'currency'],
    properties: { amount: { type: 'integer' }, currency: { type: 'string' } },
  };
  const form = {
    type: 'object',
    additionalProperties: false,
    required: ['invoice', 'open', 'isBilled'],
    properties: {
      invoice,
      open: money,
      isBilled: { type: 'boolean' },
    },
  };
  forms.set(invoice, form);
  return form;
}
