import type { ClaimedLine } from '../claims/index.ts';
import type { Pairwise } from '../joint/index.ts';
import { groupBy } from '../platform/group.ts';
import type { CustomerId, RecordId } from '../records/index.ts';
import type { Relationship } from '../relationships/index.ts';
import type { NamedLine, OwnLine } from './reconciliation.ts';

/** What a claim names, as texts of the partner turned into ids of ours that may be nobody's. */
export interface Names {
  readonly customerIds: readonly CustomerId[];
  /** Texts that are no ids: the partner's own references. */
  readonly references: readonly string[];
  readonly paymentIds: readonly RecordId[];
}

/** All that the lines name. */
export function namesIn(lines: readonly ClaimedLine[], pairwise: Pairwise): Names {
  const customerIds = new Set<CustomerId>();
  const references = new Set<string>();
  const paymentIds = new Set<RecordId>();
  for (const { customer, payment } of lines) {
    const customerId = customer === null ? undefined : pairwise.uuidOf('customer', customer);
    if (customerId !== undefined) customerIds.add(customerId as CustomerId);
    else if (customer !== null) references.add(customer);
    const paymentId = payment === null ? undefined : pairwise.uuidOf('payment', payment);
    if (paymentId !== undefined) paymentIds.add(paymentId as RecordId);
  }
  return {
    customerIds: [...customerIds],
    references: [...references],
    paymentIds: [...paymentIds],
  };
}

/** Which customer a text names, by the relationships that may be seen; undefined: nobody, or several. */
export function customersNamed(
  relationships: readonly Relationship[],
  pairwise: Pairwise,
): (text: string) => CustomerId | undefined {
  const seen = new Set(relationships.map(({ customerId }) => customerId));
  const byReference = groupBy(relationships, ({ reference }) => reference);
  return (text) => {
    const id = pairwise.uuidOf('customer', text) as CustomerId | undefined;
    if (id !== undefined) return seen.has(id) ? id : undefined;
    const named = new Set((byReference.get(text) ?? []).map(({ customerId }) => customerId));
    return named.size === 1 ? [...named][0] : undefined;
  };
}

/**
 * The lines with the ids of what they name. A line all of whose names are not known, and known to
 * belong together, names nobody: whether the customer, the payment or both are not to be seen, or
 * are not there at all, makes no difference.
 */
export function nameLines(
  lines: readonly ClaimedLine[],
  known: {
    readonly pairwise: Pairwise;
    readonly customerOf: (text: string) => CustomerId | undefined;
    /** Whose a payment is, of those that may be seen. */
    readonly payers: ReadonlyMap<RecordId, CustomerId>;
  },
): NamedLine[] {
  return lines.map(({ line, customer, payment, amountMinor }) => {
    const nobody = { line, amountMinor, customerId: null, paymentId: null };
    const customerId = customer === null ? null : known.customerOf(customer);
    if (customerId === undefined) return nobody;
    if (payment === null) return { ...nobody, customerId };
    const paymentId = known.pairwise.uuidOf('payment', payment) as RecordId | undefined;
    const payer = paymentId && known.payers.get(paymentId);
    if (paymentId === undefined || payer === undefined) return nobody;
    if (customerId !== null && customerId !== payer) return nobody;
    return { line, amountMinor, customerId: payer, paymentId };
  });
}

/**
 * What the lines name that does not stand on the statement, as far as it may be seen: payments, and
 * customers named alone; and all customers of such lines.
 */
export function notAmong(
  ours: readonly OwnLine[],
  lines: readonly ClaimedLine[],
  known: {
    readonly pairwise: Pairwise;
    readonly customerOf: (text: string) => CustomerId | undefined;
  },
): Pick<Names, 'customerIds' | 'paymentIds'> & { readonly allCustomerIds: readonly CustomerId[] } {
  const paid = new Set(ours.map(({ paymentId }) => paymentId));
  const earned = new Set(ours.map(({ customerId }) => customerId));
  const paymentIds = new Set<RecordId>();
  const customerIds = new Set<CustomerId>();
  const allCustomerIds = new Set<CustomerId>();
  for (const { customer, payment } of lines) {
    const customerId = customer === null ? undefined : known.customerOf(customer);
    if (payment !== null) {
      const paymentId = known.pairwise.uuidOf('payment', payment) as RecordId | undefined;
      if (paymentId === undefined || paid.has(paymentId)) continue;
      paymentIds.add(paymentId);
    } else if (customerId !== undefined && !earned.has(customerId)) {
      customerIds.add(customerId);
    } else continue;
    if (customerId !== undefined) allCustomerIds.add(customerId);
  }
  return {
    paymentIds: [...paymentIds],
    customerIds: [...customerIds],
    allCustomerIds: [...allCustomerIds],
  };
}
