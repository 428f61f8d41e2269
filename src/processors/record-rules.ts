import { groupBy } from '../platform/group.ts';
import type { Fact, InvoiceFact, ReturnFact } from '../stripe/index.ts';
import { partOf, splitAmount } from '../stripe/index.ts';

/** What one event says, and when it was said. */
export interface Said {
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Its records are stored: what it says of an invoice stands. */
  readonly isApplied: boolean;
  readonly facts: readonly Fact[];
}

/** Records that are stored together or not at all, and the events that say them. */
export interface RecordGroup {
  readonly eventIds: readonly string[];
  readonly records: readonly { readonly type: 'payment' | 'refund'; readonly value: Value }[];
  /** Why there are none. */
  readonly obstacle?: { readonly waits: boolean; readonly reason: string };
}
type Value = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * The records that these events come to: payments first, then what went back of them. It follows from
 * what is said, whatever the order in which it came and however often.
 */
export function recordsOf(said: readonly Said[]): RecordGroup[] {
  const ordered = [...said].sort(byTime);
  const invoices = invoicesOf(ordered);
  const payments = [...invoices.values()].flatMap(paymentsOf);
  const invoicesBy = linksOf(ordered);
  const returns = returnsOf(ordered).map((one) => {
    const named = one.fact.about.flatMap((id) => [id, ...(invoicesBy.get(id) ?? [])]);
    return { ...one, payments: payments.filter(({ invoice }) => named.includes(invoice)) };
  });
  const left = new Map(payments.map(({ id, amount }) => [id, amount]));
  return [
    ...[...invoices].map(([invoice, { eventIds }]) => ({
      eventIds,
      records: payments.filter((one) => one.invoice === invoice).map(paymentRecord),
    })),
    ...returns.map((one) => groupOf(one, left)),
  ];
}

const byTime = (one: Said, other: Said) =>
  one.occurredAt.getTime() - other.occurredAt.getTime() || (one.eventId < other.eventId ? -1 : 1);

interface Invoice {
  readonly fact: InvoiceFact;
  readonly eventIds: readonly string[];
}

/** Each invoice as the first event that was applied says it: a later mapping moves no payment. */
function invoicesOf(said: readonly Said[]): ReadonlyMap<string, Invoice> {
  const all = said.flatMap(({ eventId, isApplied, facts }) =>
    facts.flatMap((fact) => (fact.kind === 'invoice' ? [{ fact, eventId, isApplied }] : [])),
  );
  const grouped = groupBy(all, ({ fact }) => fact.invoice);
  return new Map(
    [...grouped].flatMap(([invoice, several]) => {
      const chosen = several.find(({ isApplied }) => isApplied) ?? several[0];
      const eventIds = several.map(({ eventId }) => eventId);
      return chosen ? [[invoice, { fact: chosen.fact, eventIds }] as const] : [];
    }),
  );
}

interface Payment {
  readonly invoice: string;
  readonly id: string;
  readonly customer: string;
  readonly service: string;
  readonly currency: string;
  readonly settledAt: string;
  readonly amount: bigint;
  readonly tax: bigint;
  readonly shipping: bigint;
}

function paymentsOf({ fact }: Invoice): Payment[] {
  const { invoice, customer, currency, settledAt } = fact;
  return fact.parts.map(({ service, amount, tax, shipping }) => ({
    ...{ invoice, customer, currency, settledAt, service },
    id: `${invoice}:${service}`,
    amount: BigInt(amount),
    tax: BigInt(tax),
    shipping: BigInt(shipping),
  }));
}

function paymentRecord(payment: Payment): RecordGroup['records'][number] {
  const { id, customer, service, settledAt, amount, tax, shipping } = payment;
  const money = moneyIn(payment.currency);
  const parts = shipping > 0n ? { parts: { shipping: money(shipping) } } : {};
  return {
    type: 'payment',
    value: { id, customer, service, settledAt, amount: money(amount), tax: money(tax), ...parts },
  };
}

function linksOf(said: readonly Said[]): ReadonlyMap<string, readonly string[]> {
  const links = said.flatMap(({ facts }) =>
    facts.flatMap((fact) =>
      fact.kind === 'link' ? fact.paidBy.map((by) => ({ by, invoice: fact.invoice })) : [],
    ),
  );
  const grouped = groupBy(links, ({ by }) => by);
  return new Map(
    [...grouped].map(([by, several]) => [by, several.map(({ invoice }) => invoice)] as const),
  );
}

/** Money that went back, as all events about it say together. */
interface Return {
  readonly fact: ReturnFact;
  readonly eventIds: readonly string[];
  /** Whether it ever counted: then there is a record, of nothing where it counts no longer. */
  readonly wasCounted: boolean;
  readonly wonAt: string | undefined;
}

/** Refunds and disputes in the order in which they happened. */
function returnsOf(said: readonly Said[]): Return[] {
  const all = said.flatMap(({ eventId, occurredAt, facts }) =>
    facts.flatMap((fact) => (isReturn(fact) ? [{ fact, eventId, occurredAt }] : [])),
  );
  const returns = [...groupBy(all, ({ fact }) => fact.id).values()].flatMap((several): Return[] => {
    const fact = several.map((one) => ({ ...one })).reduce(later).fact;
    const won = several.find((one) => one.fact.isWon);
    return [
      {
        fact,
        eventIds: several.map(({ eventId }) => eventId),
        wasCounted: several.some((one) => one.fact.counts),
        wonAt: fact.isWon ? won?.occurredAt.toISOString().replace('.000Z', 'Z') : undefined,
      },
    ];
  });
  return returns.sort(
    ({ fact: one }, { fact: other }) =>
      new Date(one.at).getTime() - new Date(other.at).getTime() || (one.id < other.id ? -1 : 1),
  );
}

interface Seen {
  readonly fact: ReturnFact;
  readonly eventId: string;
  readonly occurredAt: Date;
}

/** What was said last; of one second, what cannot be taken back: that it failed, or was won. */
function later(one: Seen, other: Seen): Seen {
  const apart = other.occurredAt.getTime() - one.occurredAt.getTime();
  if (apart !== 0) return apart > 0 ? other : one;
  return finality(other.fact) >= finality(one.fact) ? other : one;
}

function finality({ kind, counts, isWon }: ReturnFact): number {
  if (kind === 'dispute') return isWon ? 2 : counts ? 1 : 0;
  return counts ? 0 : 1;
}

const isReturn = (fact: Fact): fact is ReturnFact =>
  fact.kind === 'refund' || fact.kind === 'dispute' || fact.kind === 'credit';

function groupOf(
  one: Return & { readonly payments: readonly Payment[] },
  left: Map<string, bigint>,
): RecordGroup {
  const { fact, eventIds, wasCounted, payments } = one;
  const without = (waits: boolean, reason: string) => ({ eventIds, records: [], obstacle: { waits, reason } }); // prettier-ignore
  if (!wasCounted) return { eventIds, records: [] };
  if (payments.length === 0) return without(true, 'payment-missing');
  if (payments.some(({ currency }) => currency !== fact.currency)) {
    return without(false, 'mixed-currencies');
  }
  const shares = fact.counts ? sharesOf(fact, payments, left) : payments.map(() => 0n);
  const records = payments.map((payment, index) =>
    refundRecord(one, payment, { amount: shares[index] ?? 0n, left }),
  );
  if (fact.kind !== 'dispute') {
    payments.forEach(({ id }, index) => left.set(id, (left.get(id) ?? 0n) - (shares[index] ?? 0n)));
  }
  return { eventIds, records };
}

/**
 * In proportion to what is left of each payment, so that no part of them goes back twice; what is
 * disputed, to the payments as they were. Never more than there is.
 */
function sharesOf(
  { kind, amount }: ReturnFact,
  payments: readonly Payment[],
  left: ReadonlyMap<string, bigint>,
): readonly bigint[] {
  const weights = payments.map((payment) =>
    kind === 'dispute' ? payment.amount : (left.get(payment.id) ?? 0n),
  );
  const most = weights.reduce((sum, weight) => sum + weight, 0n);
  const asked = BigInt(amount);
  return splitAmount(asked < most ? asked : most, weights) ?? payments.map(() => 0n);
}

function refundRecord(
  { fact, wonAt }: Return,
  payment: Payment,
  { amount, left }: { readonly amount: bigint; readonly left: ReadonlyMap<string, bigint> },
): RecordGroup['records'][number] {
  const { id, customer, service, settledAt, currency } = payment;
  const money = moneyIn(currency);
  const isDispute = fact.kind === 'dispute';
  const before = isDispute ? 0n : payment.amount - (left.get(id) ?? 0n);
  const taxUntil = (refunded: bigint) => partOf(payment.tax, refunded, payment.amount);
  const refundedAt = latest(fact.at, settledAt);
  return {
    type: 'refund',
    value: {
      ...{ id: `${fact.id}:${id}`, customer, service, payment: id, refundedAt },
      kind: isDispute ? 'dispute' : 'refund',
      amount: money(amount),
      tax: money(taxUntil(before + amount) - taxUntil(before)),
      ...(wonAt !== undefined && { wonAt: latest(wonAt, refundedAt) }),
    },
  };
}

/** The clocks of a charge and its invoice can be apart: nothing goes back before it came. */
const latest = (one: string, other: string) =>
  new Date(one).getTime() < new Date(other).getTime() ? other : one;

const moneyIn = (currency: string) => (minor: bigint) => ({ amount: Number(minor), currency });
