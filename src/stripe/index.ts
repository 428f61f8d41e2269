/** Stripe: whether an event is Stripe's own, and what it says of payments. Owns no table. */
export type { Fact, InvoiceFact, ReturnFact } from './fact.ts';
export { linksIn, readEvent, type Reading } from './event-rules.ts';
export { openStripe } from './open-stripe.ts';
export { checkSignature } from './signature-rules.ts';
export type { Skeleton } from './skeleton.ts';
export { hashOfEvent, skeletonOf } from './skeleton-rules.ts';
export { partOf, splitAmount } from './split-rules.ts';
export {
  EventMalformed,
  SignatureInvalid,
  SignatureMissing,
  SignatureStale,
  type Stripe,
  type StripeMapping,
} from './stripe.ts';
