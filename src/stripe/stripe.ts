import type { RefusalKind } from '../platform/refusal.ts';

/** How Stripe's events become records (schemas/stripe/mapping.json). */
export interface StripeMapping {
  readonly livemode: boolean;
  /** The connected account whose events are taken; without it those of the operator's own. */
  readonly account?: string;
  /** Where our key of the customer stands: Stripe's own id, or a named value of its metadata. */
  readonly customer: 'id' | `metadata.${string}`;
  /** Which events say what was refunded: those of refunds, or `charge.refunded`. */
  readonly refunds: 'refund' | 'charge';
  /** Our key of the service for each product or price of Stripe's. */
  readonly services: Readonly<Record<string, string>>;
  /** For what is neither; without it an invoice waits until its products are named. */
  readonly defaultService?: string;
}

/** What is needed to take Stripe's events: undefined in an installation that has no secret. */
export interface Stripe {
  readonly mapping: StripeMapping;
  /** Signing secrets that count: several while one takes the other's place. */
  readonly secrets: readonly string[];
}

export const StripeSetUpWrong = {
  code: 'stripe-set-up-wrong',
  status: 422,
  title: 'The events of Stripe cannot be taken as they are set up.',
} as const satisfies RefusalKind;

export const SignatureMissing = {
  code: 'signature-missing',
  status: 400,
  title: 'The event has no Stripe-Signature.',
} as const satisfies RefusalKind;

export const SignatureInvalid = {
  code: 'signature-invalid',
  status: 400,
  title: 'The signature is not one of this event.',
} as const satisfies RefusalKind;

export const SignatureStale = {
  code: 'signature-stale',
  status: 400,
  title: 'The event was signed too long ago, or in the future.',
} as const satisfies RefusalKind;

export const EventMalformed = {
  code: 'event-malformed',
  status: 400,
  title: 'What was signed is not an event.',
} as const satisfies RefusalKind;
