import type { Stripe } from 'stripe';
import {
  charge,
  creditNote,
  day,
  dispute,
  event,
  invoice,
  invoicePayment,
  refund,
} from './stripe-events.ts';

/**
 * Thirty-two events about five invoices of one customer, in the order in which they happened. All ids
 * end with the same mark, so that the same story can happen to many customers.
 */
export function thirtyEvents(mark: string): Stripe.Event[] {
  const id = (name: string) => `${name}_${mark}`;
  const cus = id('cus');
  let count = 0;
  const say = (type: Stripe.Event['type'], object: object, created: number, previous?: object) =>
    event(type, object, {
      id: id(`evt${String((count += 1))}`),
      created,
      ...(previous && { previous }),
    });
  const by = (n: number) => ({ charge: id(`ch${n}`), payment_intent: id(`pi${n}`) });
  const bill = (n: number, lines: Parameters<typeof invoice>[1], more: object = {}) =>
    invoice(id(`in${n}`), lines, { customer: cus, paidAt: day(n), ...more });
  const paidBy = (n: number) => invoicePayment(id(`in${n}`), id(`pi${n}`), { created: day(n) });
  const three = [
    { product: 'prod_store', amount: 1000, tax: 190 },
    { product: 'prod_cloud', amount: 333, tax: 63, discount: 1 },
    { product: 'prod_desk', amount: 777, tax: 124, inclusive: true },
  ];
  const re1 = (status: string) => refund(id('re1'), 1001, { ...by(1), created: day(6), status });
  const re3 = (status: string) => refund(id('re3'), 500, { ...by(2), created: day(8), status });
  const dp1 = (status: string) => dispute(id('dp1'), 700, status, { ...by(1), created: day(9) });
  const dp2 = (status: string) => dispute(id('dp2'), 999, status, { ...by(2), created: day(9, 5) });
  const cn3 = (status: string) =>
    creditNote(id('cn3'), 50, { customer: cus, invoice: id('in2'), created: day(12), status });
  return [
    say('customer.created', { id: cus, object: 'customer', metadata: {} }, day(0)),
    say('customer.updated', { id: cus, object: 'customer', metadata: {} }, day(0, 1)),
    say('invoice.paid', bill(1, three), day(1)),
    say('charge.succeeded', charge(id('ch1'), 2485, 0, { customer: cus }), day(1)),
    say('invoice_payment.paid', paidBy(1), day(1)),
    say('payment_intent.succeeded', { id: id('pi1'), object: 'payment_intent' }, day(1, 1)),
    say('invoice.paid', bill(2, [{ product: 'prod_store', amount: 2000 }]), day(2)),
    say('invoice_payment.paid', paidBy(2), day(2)),
    say('invoice.paid', bill(3, [{ product: 'prod_cloud', amount: 50000 }], { currency: 'isk' }), day(3)), // prettier-ignore
    say('invoice_payment.paid', paidBy(3), day(3)),
    say('invoice.paid', bill(4, [{ product: 'prod_store', amount: 0 }]), day(4)),
    say('invoice.paid', bill(5, [{ product: 'prod_unknown', amount: 100 }]), day(5)),
    say('refund.created', re1('pending'), day(6)),
    say('refund.updated', re1('succeeded'), day(6, 60)),
    say('charge.refunded', charge(id('ch1'), 2485, 1001), day(6, 1), { amount_refunded: 0 }),
    say('charge.refund.updated', refund(id('re2'), 3, { ...by(1), created: day(7) }), day(7, 2)),
    say('refund.created', refund(id('re2'), 3, { ...by(1), created: day(7) }), day(7)),
    say('refund.created', re3('pending'), day(8)),
    say('refund.failed', re3('failed'), day(8, 600)),
    say('charge.dispute.created', dp1('needs_response'), day(9)),
    say('charge.dispute.funds_withdrawn', dp1('needs_response'), day(9, 1)),
    say('charge.dispute.updated', dp1('under_review'), day(9, 7200)),
    say('charge.dispute.closed', dp1('won'), day(10)),
    say('charge.dispute.funds_reinstated', dp1('won'), day(10, 1)),
    say('charge.dispute.created', dp2('warning_needs_response'), day(9, 5)),
    say('charge.dispute.closed', dp2('warning_closed'), day(10, 9)),
    say('credit_note.created', creditNote(id('cn1'), 120, { invoice: id('in1'), created: day(11) }), day(11)), // prettier-ignore
    say('credit_note.created', creditNote(id('cn2'), 0, { invoice: id('in1'), created: day(11, 1), post_payment_amount: 1001 }), day(11, 1)), // prettier-ignore
    say('credit_note.created', cn3('issued'), day(12)),
    say('credit_note.voided', cn3('void'), day(12, 30)),
    say('refund.created', refund(id('re4'), 9900, { ...by(3), created: day(13), currency: 'isk' }), day(13)), // prettier-ignore
    say('charge.dispute.created', dispute(id('dp3'), 40000, 'lost', { ...by(3), created: day(14), currency: 'isk' }), day(14)), // prettier-ignore
  ];
}
