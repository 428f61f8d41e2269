import { createHash } from 'node:crypto';
import { Refusal } from '../platform/refusal.ts';
import type { Skeleton } from './skeleton.ts';
import { EventMalformed, type StripeMapping } from './stripe.ts';

/** What any reading of ours looks at, now or later; everything else is never stored. */
const kept: ReadonlySet<string> = new Set(
  `id object type created livemode account api_version data previous_attributes
   customer currency status invoice charge payment_intent payment payments refund refunds credit_note
   amount amount_paid amount_captured amount_refunded amount_total amount_tax total
   post_payment_amount pre_payment_amount out_of_band_amount
   lines has_more discount_amounts pretax_credit_amounts taxes tax_amounts tax_behavior inclusive
   pricing price_details price product plan subscription shipping_cost
   status_transitions paid_at voided_at effective_at paid
   parent subscription_details metadata`.split(/\s+/),
);

const deepest = 12;

/**
 * The event without what it says of persons: of its members only those that a reading of ours looks
 * at, of its texts only ids and codes, of metadata only the customer's key.
 */
export function skeletonOf(event: unknown, { customer }: StripeMapping): Skeleton {
  const keyName = customer === 'id' ? undefined : customer.slice('metadata.'.length);
  return bonesOf(event, keyName, 0);
}

function bonesOf(value: unknown, keyName: string | undefined, depth: number): Skeleton {
  if (depth > deepest) return null;
  if (typeof value === 'string') return isCode(value) ? value : null;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  if (typeof value === 'boolean') return value;
  if (Array.isArray(value)) {
    return value.map((item) => bonesOf(item, keyName, depth + 1));
  }
  if (typeof value !== 'object' || value === null) return null;
  const members = Object.entries(value).flatMap(([name, part]) => {
    if (!kept.has(name)) return [];
    const bones = name === 'metadata' ? keyIn(part, keyName) : bonesOf(part, keyName, depth + 1);
    return [[name, bones] as const];
  });
  return Object.fromEntries(members);
}

/** An id, a currency, a status. No address, no name of two words, no mail. */
const isCode = (text: string) => /^[A-Za-z0-9_.-]{1,255}$/.test(text);

function keyIn(metadata: unknown, keyName: string | undefined): Skeleton {
  if (keyName === undefined || typeof metadata !== 'object' || metadata === null) return null;
  const key: unknown = Object.entries(metadata).find(([name]) => name === keyName)?.[1];
  return typeof key === 'string' && /^\P{C}{1,200}$/u.test(key) ? { [keyName]: key } : null;
}

/**
 * The SHA-256 of what an event says, whatever the order of its members. Without `pending_webhooks`,
 * which counts down between deliveries of one event. Throws Refusal `event-malformed` for what is
 * nested deeper than any event.
 */
export function hashOfEvent(event: object): Buffer {
  const { pending_webhooks: _count, ...said } = event as Record<string, unknown>;
  return createHash('sha256').update(canonical(said, 0)).digest();
}

const deepestEvent = 64;

function canonical(value: unknown, depth: number): string {
  if (depth > deepestEvent) throw new Refusal(EventMalformed);
  const inner = (part: unknown) => canonical(part, depth + 1);
  if (Array.isArray(value)) return `[${value.map(inner).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, part]) => `${JSON.stringify(name)}:${inner(part)}`).join()}}`;
}
