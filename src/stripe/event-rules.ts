import type { Fact, Obstacle, ReturnFact } from './fact.ts';
import { placeInvoice, type KeyOf } from './invoice-rules.ts';
import { at, idAt, idsAt, instantOf, listAt, numberAt, textAt } from './skeleton.ts';
import type { Skeleton } from './skeleton.ts';
import { minorOfStripe } from './split-rules.ts';
import type { StripeMapping } from './stripe.ts';

/** What an event comes to: facts, nothing that we read, or why it can make no record. */
export type Reading =
  | { readonly facts: readonly Fact[] }
  | { readonly isKept: true; readonly reason: string }
  | { readonly obstacle: Obstacle };

/** Reads the skeleton of a verified event. Not one text of it but ids and codes is looked at. */
export function readEvent(event: Skeleton, mapping: StripeMapping, keyOf: KeyOf): Reading {
  const isOurs = (textAt(event, 'account') ?? null) === (mapping.account ?? null);
  if (!isOurs) return never('other-account');
  if (at(event, 'livemode') !== mapping.livemode) return never('other-mode');
  const object = at(event, 'data', 'object') ?? null;
  const read = readings[textAt(event, 'type') ?? ''];
  return read ? read(object, { event, mapping, keyOf }) : kept('type-not-read');
}

/** Ids by which the events of one payment find each other, whichever comes first. */
export function linksIn(event: Skeleton, reading: Reading): readonly string[] {
  const object = at(event, 'data', 'object');
  if ('obstacle' in reading) {
    // What waits for its customer's key is found by the customer.
    const { waits, reason } = reading.obstacle;
    const customer = reason === 'customer-unnamed' ? idsAt(object, 'customer') : [];
    return waits ? [...idsAt({ object: object ?? null }, 'object'), ...customer] : [];
  }
  if (!('facts' in reading)) return [];
  const linked = reading.facts.flatMap((fact) => {
    if (fact.kind === 'customer') return [fact.id];
    if (fact.kind === 'invoice') return [fact.invoice];
    return fact.kind === 'link' ? [fact.invoice, ...fact.paidBy] : [fact.id, ...fact.about];
  });
  return [...new Set(linked)].sort();
}

interface Beside {
  readonly event: Skeleton;
  readonly mapping: StripeMapping;
  readonly keyOf: KeyOf;
}

const readRefunds = (refund: Skeleton, { mapping }: Beside): Reading =>
  mapping.refunds === 'refund' ? returned(refundIn(refund)) : kept('refunds-by-charge');

const readDispute = (dispute: Skeleton): Reading => returned(disputeIn(dispute));
const readCredit = (note: Skeleton): Reading => returned(creditIn(note));

const readings: Readonly<Record<string, (object: Skeleton, beside: Beside) => Reading>> = {
  'invoice.paid': (invoice, { mapping, keyOf }) => placeInvoice(invoice, mapping, keyOf),
  'invoice_payment.paid': readLink,
  'charge.refunded': readCharge,
  'charge.refund.updated': readRefunds,
  'refund.created': readRefunds,
  'refund.updated': readRefunds,
  'refund.failed': readRefunds,
  'charge.dispute.created': readDispute,
  'charge.dispute.updated': readDispute,
  'charge.dispute.funds_withdrawn': readDispute,
  'charge.dispute.funds_reinstated': readDispute,
  'charge.dispute.closed': readDispute,
  'credit_note.created': readCredit,
  'credit_note.updated': readCredit,
  'credit_note.voided': readCredit,
  'customer.created': readCustomer,
  'customer.updated': readCustomer,
};

function readLink(paid: Skeleton): Reading {
  const invoice = idAt(paid, 'invoice');
  const paidBy = idsAt(at(paid, 'payment'), 'charge', 'payment_intent');
  if (invoice === undefined) return never('event-unclear');
  return { facts: paidBy.length === 0 ? [] : [{ kind: 'link', invoice, paidBy }] };
}

/**
 * A charge of which something went back. It says how much in all, and the event how much it was before,
 * so each event stands for its own difference, in whatever order they come. Of old it carries the
 * invoice and the list of refunds as well.
 */
function readCharge(charge: Skeleton, { event, mapping }: Beside): Reading {
  const invoice = idAt(charge, 'invoice');
  const about = [...idsAt({ charge }, 'charge'), ...idsAt(charge, 'payment_intent')];
  const links: readonly Fact[] =
    invoice === undefined ? [] : [{ kind: 'link', invoice, paidBy: about }];
  if (mapping.refunds === 'refund') {
    const refunds = listAt(charge, 'refunds').map(refundIn);
    const facts = refunds.flatMap((refund) => (refund === undefined ? [] : [refund]));
    const all = [...links, ...facts];
    return all.length === 0 ? kept('refunds-by-refund') : { facts: all };
  }
  const id = textAt(charge, 'id');
  const total = numberAt(charge, 'amount_refunded');
  const before = numberAt(event, 'data', 'previous_attributes', 'amount_refunded');
  const created = numberAt(event, 'created');
  if (id === undefined || total === undefined || before === undefined || created === undefined) {
    return never('event-unclear');
  }
  const at = instantOf(created);
  const own = { id: `${id}.${String(total)}`, amount: total - before, at, about };
  const refund = returnOf(charge, { kind: 'refund', counts: true, isWon: false, ...own });
  return refund ? { facts: [...links, refund] } : never('event-unclear');
}

function refundIn(refund: Skeleton): ReturnFact | undefined {
  const status = textAt(refund, 'status');
  return returnOf(refund, {
    kind: 'refund',
    counts: status === undefined || status === 'pending' || status === 'succeeded',
    isWon: false,
    about: idsAt(refund, 'charge', 'payment_intent'),
  });
}

/** Inquiries and what was prevented take nothing; what was won took it until then. */
function disputeIn(dispute: Skeleton): ReturnFact | undefined {
  const status = textAt(dispute, 'status') ?? '';
  return returnOf(dispute, {
    kind: 'dispute',
    counts: !status.startsWith('warning_') && status !== 'prevented',
    isWon: status === 'won',
    about: idsAt(dispute, 'charge', 'payment_intent'),
  });
}

/**
 * What a credit note gives back beside Stripe. What it refunds is told by the refunds, what it puts on
 * the customer's balance lowers what the next invoice is paid with, and what it takes off an open
 * invoice was never paid.
 */
function creditIn(note: Skeleton): ReturnFact | undefined {
  return returnOf(note, {
    kind: 'credit',
    amount: numberAt(note, 'out_of_band_amount') ?? 0,
    counts: textAt(note, 'status') !== 'void',
    isWon: false,
    about: idsAt(note, 'invoice'),
  });
}

type Own = Omit<ReturnFact, 'id' | 'amount' | 'at' | 'currency'> & Partial<ReturnFact>;

function returnOf(object: Skeleton, own: Own): ReturnFact | undefined {
  const id = own.id ?? textAt(object, 'id');
  const currency = textAt(object, 'currency')?.toUpperCase();
  const amount = own.amount ?? numberAt(object, 'amount');
  const created = numberAt(object, 'created');
  if (id === undefined || currency === undefined || created === undefined) return undefined;
  if (amount === undefined || amount < 0 || own.about.length === 0) return undefined;
  const minor = minorOfStripe(amount, currency);
  if (minor === undefined) return undefined;
  return { ...own, id, currency, amount: minor, at: own.at ?? instantOf(created) };
}

function returned(fact: ReturnFact | undefined): Reading {
  if (fact === undefined) return never('event-unclear');
  return { facts: fact.kind === 'credit' && fact.amount === 0 ? [] : [fact] };
}

function readCustomer(customer: Skeleton, { mapping }: Beside): Reading {
  if (mapping.customer === 'id') return kept('type-not-read');
  const id = textAt(customer, 'id');
  const key = textAt(customer, 'metadata', mapping.customer.slice('metadata.'.length));
  if (id === undefined || key === undefined) return kept('customer-unnamed');
  return { facts: [{ kind: 'customer', id, key }] };
}

const kept = (reason: string): Reading => ({ isKept: true, reason });
const never = (reason: string): Reading => ({ obstacle: { waits: false, reason } });
