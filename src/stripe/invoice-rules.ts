import { groupBy } from '../platform/group.ts';
import type { Fact, InvoicePart, Obstacle } from './fact.ts';
import { at, idAt, idsAt, instantOf, listAt, numberAt, sumAt, textAt } from './skeleton.ts';
import type { Skeleton } from './skeleton.ts';
import { minorOfStripe, partOf, splitAmount } from './split-rules.ts';
import type { StripeMapping } from './stripe.ts';

/** Under which key of ours a customer of Stripe's is known by an earlier event, if by any. */
export type KeyOf = (customer: string) => string | undefined;

type Placed = { readonly facts: readonly Fact[] } | { readonly obstacle: Obstacle };

/**
 * A paid invoice as payments: one for each service in it. What was paid is split in proportion to what
 * the services' lines come to after discounts, with tax and shipping, and its tax with it.
 */
export function placeInvoice(invoice: Skeleton, mapping: StripeMapping, keyOf: KeyOf): Placed {
  const id = textAt(invoice, 'id');
  const currency = textAt(invoice, 'currency')?.toUpperCase();
  const paid = numberAt(invoice, 'amount_paid');
  const paidAt = numberAt(invoice, 'status_transitions', 'paid_at');
  if (id === undefined || currency === undefined || paid === undefined || paidAt === undefined) {
    return never('event-unclear');
  }
  const links = linksOf(invoice, id);
  if (paid <= 0) return { facts: links };
  const minor = minorOfStripe(paid, currency);
  if (minor === undefined) return never('unknown-currency');
  const customer = customerOf(invoice, mapping, keyOf);
  if (customer === undefined) return later('customer-unnamed');
  const split = splitByService(invoice, mapping, minor);
  if ('obstacle' in split) return split;
  const { parts } = split;
  const settledAt = instantOf(paidAt);
  return {
    facts: [{ kind: 'invoice', invoice: id, customer, currency, settledAt, parts }, ...links],
  };
}

/** What paid it, where the invoice says so: of old itself, later in a list, or not at all. */
function linksOf(invoice: Skeleton, id: string): readonly Fact[] {
  const paidBy = [
    ...idsAt(invoice, 'charge', 'payment_intent'),
    ...listAt(invoice, 'payments').flatMap((one) =>
      idsAt(at(one, 'payment'), 'charge', 'payment_intent'),
    ),
  ];
  return paidBy.length === 0 ? [] : [{ kind: 'link', invoice: id, paidBy }];
}

function customerOf(invoice: Skeleton, mapping: StripeMapping, keyOf: KeyOf): string | undefined {
  const customer = idAt(invoice, 'customer');
  if (mapping.customer === 'id') return customer;
  const name = mapping.customer.slice('metadata.'.length);
  return (
    textAt(invoice, 'metadata', name) ??
    textAt(invoice, 'parent', 'subscription_details', 'metadata', name) ??
    textAt(invoice, 'subscription_details', 'metadata', name) ??
    textAt(invoice, 'customer', 'metadata', name) ??
    (customer === undefined ? undefined : keyOf(customer))
  );
}

interface Weight {
  readonly service: string;
  /** With tax and shipping, in Stripe's units. */
  readonly gross: bigint;
  readonly tax: bigint;
  readonly shipping: bigint;
}

function splitByService(
  invoice: Skeleton,
  mapping: StripeMapping,
  minor: number,
): { readonly parts: readonly InvoicePart[] } | { readonly obstacle: Obstacle } {
  const lines = listAt(invoice, 'lines');
  // An event carries the first lines of a long invoice; the others could be of any service.
  if (at(invoice, 'lines', 'has_more') === true) return never('lines-incomplete');
  const services = lines.map((line) => serviceOf(line, mapping));
  const known = services.flatMap((service) => service ?? []);
  if (known.length < services.length) return later('product-unmapped');
  const grouped = groupBy(lines.keys(), (index) => known[index] ?? '');
  const bare = [...grouped]
    .map(([service, indices]) =>
      weightOf(
        service,
        indices.flatMap((index) => lines[index] ?? []),
      ),
    ) // prettier-ignore
    .filter(({ gross }) => gross > 0n)
    .sort((one, other) => (one.service < other.service ? -1 : 1));
  const weights = withShipping(bare, at(invoice, 'shipping_cost'));
  const amounts = splitAmount(BigInt(minor), weights.map(({ gross }) => gross)); // prettier-ignore
  if (!amounts) return never('amounts-unclear');
  const parts = weights.map(({ service, gross, tax, shipping }, index) => {
    const amount = amounts[index] ?? 0n;
    const within = (whole: bigint) => Number(partOf(whole, amount, gross));
    return { service, amount: Number(amount), tax: within(tax), shipping: within(shipping) };
  });
  return { parts: parts.filter(({ amount }) => amount > 0) };
}

function serviceOf(line: Skeleton, { services, defaultService }: StripeMapping) {
  const named = [
    idAt(line, 'pricing', 'price_details', 'price'),
    idAt(line, 'price'),
    idAt(line, 'plan'),
    idAt(line, 'pricing', 'price_details', 'product'),
    idAt(line, 'price', 'product'),
    idAt(line, 'plan', 'product'),
  ];
  const key = named.find((id) => id !== undefined && Object.hasOwn(services, id));
  return key === undefined ? defaultService : services[key];
}

function weightOf(service: string, lines: readonly Skeleton[]): Weight {
  const discounts = lines.flatMap((line) => listAt(line, 'discount_amounts'));
  // Discounts stand in this list a second time.
  const credits = lines
    .flatMap((line) => listAt(line, 'pretax_credit_amounts'))
    .filter((one) => textAt(one, 'type') !== 'discount');
  const taxes = lines.flatMap((line) => [...listAt(line, 'taxes'), ...listAt(line, 'tax_amounts')]);
  const onTop = taxes.filter(
    (tax) => textAt(tax, 'tax_behavior') === 'exclusive' || at(tax, 'inclusive') === false,
  );
  const net = sumAt(lines, 'amount') - sumAt(discounts, 'amount') - sumAt(credits, 'amount');
  return {
    service,
    gross: BigInt(net + sumAt(onTop, 'amount')),
    tax: positive(sumAt(taxes, 'amount')),
    shipping: 0n,
  };
}

/** Shipping goes with what is shipped: in proportion. */
function withShipping(weights: readonly Weight[], cost: Skeleton | undefined): readonly Weight[] {
  const total = positive(numberAt(cost, 'amount_total') ?? 0);
  const tax = positive(numberAt(cost, 'amount_tax') ?? 0);
  const gross = weights.map((weight) => weight.gross);
  const totals = splitAmount(total, gross);
  const taxes = splitAmount(tax, gross);
  if (total === 0n || !totals || !taxes) return weights;
  return weights.map((weight, index) => {
    const [share, taxShare] = [totals[index] ?? 0n, taxes[index] ?? 0n];
    return {
      ...weight,
      gross: weight.gross + share,
      tax: weight.tax + taxShare,
      shipping: share > taxShare ? share - taxShare : 0n,
    };
  });
}

const positive = (amount: number) => BigInt(Math.max(0, amount));

const later = (reason: string) => ({ obstacle: { waits: true, reason } });
const never = (reason: string) => ({ obstacle: { waits: false, reason } });
