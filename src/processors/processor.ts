import type { RefusalKind } from '../platform/refusal.ts';
import type { Fact, Skeleton } from '../stripe/index.ts';

export const eventStates = ['applied', 'waiting', 'kept', 'rejected'] as const;
/**
 * What became of a verified event: its records are stored · something has to come first · nothing reads
 * its type · it can make no record as it is.
 */
export type EventState = (typeof eventStates)[number];

/** A verified event as it is held. */
export interface ProcessorEvent {
  readonly eventId: string;
  readonly type: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly state: EventState;
  readonly reason: string | null;
  /** "payment in_1:store" */
  readonly recordKeys: readonly string[];
}

/** An event with what can be made of it. */
export interface HeldEvent extends ProcessorEvent {
  readonly links: readonly string[];
  readonly skeleton: Skeleton | null;
  readonly facts: readonly Fact[] | null;
}

export const UnknownEvent = {
  code: 'unknown-event',
  status: 404,
  title: 'No event with this id was received.',
} as const satisfies RefusalKind;

export const EventDiffers = {
  code: 'event-differs',
  status: 409,
  title: 'An event with this id was received that says something else.',
} as const satisfies RefusalKind;

export const EventTooEarly = {
  code: 'event-too-early',
  status: 503,
  title: 'The event is of a moment that is still to come here. Send it again.',
} as const satisfies RefusalKind;

export const NoStripe = {
  code: 'stripe-not-set-up',
  status: 422,
  title: 'No events of Stripe are taken here: SLUICE_STRIPE_MAPPING says how.',
} as const satisfies RefusalKind;
