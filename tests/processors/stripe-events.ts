import { Stripe } from 'stripe';

/** Events as Stripe shapes them, made with the types of its library and signed by it. */

export const secret = 'whsec_the-first-secret-of-a-test';
export const otherSecret = 'whsec_the-secret-that-takes-its-place';

const at = (text: string) => new Date(text).getTime() / 1000;

/** 2026-11-01 and so many days and seconds after it, in Stripe's seconds. */
export const day = (days: number, seconds = 0) =>
  at('2026-11-01T00:00:00Z') + days * 86_400 + seconds;

/** What a test says of an object; Stripe sends many more members, of which a few are always there. */
type Partly<Whole> = { readonly [Name in keyof Whole]?: unknown };

let count = 0;

export function event(
  type: Stripe.Event['type'],
  object: object,
  {
    id = `evt_${String((count += 1))}`,
    created,
    previous,
    ...more
  }: { id?: string; created: number; previous?: object; livemode?: boolean; account?: string },
): Stripe.Event {
  return {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created,
    data: { object, ...(previous && { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: 1,
    request: { id: 'req_1', idempotency_key: null },
    type,
    ...more,
  } as unknown as Stripe.Event;
}

/** A person in every text field that could hold one. */
const person = {
  customer_email: 'rosa@example.test',
  customer_name: 'Rosa Canary',
  customer_phone: '+1 555 0142',
  customer_address: { line1: 'Canary Street 1', city: 'Canaryville', postal_code: '12345' },
  description: 'Invoice for Rosa Canary',
  footer: 'Dear Rosa,\r\nthank you',
};

export interface Line {
  readonly product: string;
  readonly amount: number;
  readonly tax?: number;
  readonly discount?: number;
  readonly inclusive?: boolean;
}

export function line({ product, amount, tax = 0, discount = 0, inclusive = false }: Line) {
  return {
    id: `il_${product}`,
    object: 'line_item',
    amount,
    currency: 'eur',
    description: 'Subscription of Rosa Canary',
    discount_amounts: discount === 0 ? [] : [{ amount: discount, discount: 'di_1' }],
    discountable: true,
    discounts: [],
    invoice: 'in_1',
    livemode: false,
    metadata: {},
    period: { start: day(0), end: day(30) },
    pretax_credit_amounts:
      discount === 0 ? [] : [{ amount: discount, discount: 'di_1', type: 'discount' }],
    pricing: {
      type: 'price_details',
      price_details: { price: `price_of_${product}`, product },
      unit_amount_decimal: '1000',
    },
    quantity: 1,
    subtotal: amount,
    taxes:
      tax === 0
        ? []
        : [
            {
              amount: tax,
              tax_behavior: inclusive ? 'inclusive' : 'exclusive',
              taxable_amount: amount,
            },
          ],
  } satisfies Partly<Stripe.InvoiceLineItem>;
}

export function invoice(
  id: string,
  lines: readonly Line[],
  {
    customer = 'cus_1',
    paidAt = day(1),
    paid,
    currency = 'eur',
    ...more
  }: { customer?: string | object; paidAt?: number; paid?: number; currency?: string } & Record<
    string,
    unknown
  > = {},
) {
  const total = lines.reduce(
    (sum, one) =>
      sum + one.amount - (one.discount ?? 0) + (one.inclusive === true ? 0 : (one.tax ?? 0)),
    0,
  );
  return {
    id,
    object: 'invoice',
    amount_due: paid ?? total,
    amount_paid: paid ?? total,
    amount_remaining: 0,
    created: paidAt - 60,
    currency,
    customer,
    ...person,
    lines: { object: 'list', data: lines.map(line), has_more: false, url: '/v1' },
    livemode: false,
    metadata: {},
    number: 'ROSA-0001',
    shipping_cost: null,
    status: 'paid',
    status_transitions: {
      finalized_at: paidAt - 50,
      marked_uncollectible_at: null,
      paid_at: paidAt,
      voided_at: null,
    },
    total,
    ...more,
  } satisfies Partly<Stripe.Invoice>;
}

export function invoicePayment(invoiceId: string, intent: string, more: object = {}) {
  return {
    id: `inpay_${intent}`,
    object: 'invoice_payment',
    amount_paid: 1000,
    amount_requested: 1000,
    created: day(1),
    currency: 'eur',
    invoice: invoiceId,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent },
    status: 'paid',
    status_transitions: { canceled_at: null, paid_at: day(1) },
    ...more,
  } satisfies Partly<Stripe.InvoicePayment>;
}

export function refund(id: string, amount: number, more: Record<string, unknown> = {}) {
  return {
    id,
    object: 'refund',
    amount,
    charge: 'ch_1',
    created: day(3),
    currency: 'eur',
    description: 'for Rosa Canary',
    metadata: {},
    payment_intent: 'pi_1',
    reason: 'requested_by_customer',
    status: 'succeeded',
    ...more,
  } satisfies Partly<Stripe.Refund>;
}

export function charge(id: string, amount: number, refunded: number, more: object = {}) {
  return {
    id,
    object: 'charge',
    amount,
    amount_captured: amount,
    amount_refunded: refunded,
    billing_details: { email: person.customer_email, name: person.customer_name },
    created: day(1),
    currency: 'eur',
    customer: 'cus_1',
    livemode: false,
    payment_intent: 'pi_1',
    receipt_email: person.customer_email,
    refunded: amount === refunded,
    status: 'succeeded',
    ...more,
  } satisfies Partly<Stripe.Charge>;
}

export function dispute(id: string, amount: number, status: string, more: object = {}) {
  return {
    id,
    object: 'dispute',
    amount,
    charge: 'ch_1',
    created: day(5),
    currency: 'eur',
    evidence: { customer_name: person.customer_name },
    livemode: false,
    payment_intent: 'pi_1',
    reason: 'fraudulent',
    status,
    ...more,
  } satisfies Partly<Stripe.Dispute>;
}

export function creditNote(id: string, outOfBand: number, more: Record<string, unknown> = {}) {
  return {
    id,
    object: 'credit_note',
    amount: outOfBand,
    created: day(4),
    currency: 'eur',
    customer: 'cus_1',
    invoice: 'in_1',
    lines: { object: 'list', data: [], has_more: false, url: '/v1' },
    livemode: false,
    memo: 'for Rosa Canary',
    out_of_band_amount: outOfBand,
    post_payment_amount: outOfBand,
    pre_payment_amount: 0,
    refunds: [],
    status: 'issued',
    ...more,
  } satisfies Partly<Stripe.CreditNote>;
}

const stripe = new Stripe('sk_test_none');

/** The header that Stripe's own library makes for these bytes. */
export function signatureOf(
  payload: string,
  { timestamp, by = secret }: { timestamp: number; by?: string },
): string {
  return stripe.webhooks.generateTestHeaderString({ payload, secret: by, timestamp });
}
