import type { StaffCaller } from '../people/index.ts';
import { shareOut } from '../platform/bulkhead.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { limit, matching } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { openStripe } from '../stripe/index.ts';
import { countEventStates, listEvents, showEvent } from './list-events.ts';
import { eventStates, NoStripe, type EventState, type ProcessorEvent } from './processor.ts';
import { receiveEvent } from './receive-event.ts';
import { retryEvents } from './retry-events.ts';

const largestEvent = 1024 * 1024;
/** A request may not take for ever. */
const retriedAtOnce = 200;
const mayRead = ['role:intake', 'role:finance'];

/**
 * Payment events: where Stripe sends them, and what became of them for those who look after payments.
 * Without a signing secret there is no such place.
 */
export function eventLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [...stripeLines(tools), ...heldLines(tools)];
}

function stripeLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  const stripe = openStripe(tools.settings);
  if (!stripe) return [];
  // They are applied one after the other: a burst waits here, and not on connections that others need.
  const inTurn = shareOut({ atOnce: 2, waiting: 256 });
  return [
    endpoint({
      method: 'post',
      path: '/events/stripe',
      public: true,
      status: 200,
      takesBytes: { most: largestEvent, media: ['application/json'] },
      headers: { 'stripe-signature': (text: string | undefined) => text },
      gives: 'processors/receive-event.gives',
      does: async ({ headers, body }) => {
        const { bytes } = body as { bytes: Buffer };
        const sent = { signature: headers['stripe-signature'], bytes };
        const { eventId, state } = await inTurn('stripe', () => receiveEvent(tools, stripe, sent));
        return { event: eventId, state };
      },
    }),
  ];
}

function heldLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/payment-events',
      scope: mayRead,
      status: 200,
      gives: 'processors/list-events.gives',
      query: {
        state: matching(new RegExp(`^(${eventStates.join('|')})$`), eventStates.join(', ')),
        limit,
      },
      does: async ({ query: { state, limit: most } }) => ({
        counts: await countEventStates(tools),
        data: (await listEvents(tools, { state: state as EventState | undefined, limit: most })).map(onWire), // prettier-ignore
      }),
    }),
    endpoint({
      method: 'get',
      path: '/payment-events/:id',
      scope: mayRead,
      status: 200,
      gives: 'processors/event.gives',
      does: async ({ params: { id = '' } }) => onWire(await showEvent(tools, { eventId: id })),
    }),
    endpoint({
      method: 'post',
      path: '/payment-events/retry',
      scope: 'role:intake',
      status: 200,
      gives: 'processors/retry-events.gives',
      query: { after: matching(/^[A-Za-z0-9_.-]{1,255}$/, 'an event’s id') },
      does: async ({ query: { after = '' } }) => {
        const stripe = openStripe(tools.settings);
        if (!stripe) throw new Refusal(NoStripe);
        const { changed, next } = await retryEvents(tools, stripe, { after, limit: retriedAtOnce });
        return { data: changed.map(onWire), next };
      },
    }),
  ];
}

function onWire(event: ProcessorEvent) {
  const { eventId, type, occurredAt, receivedAt, state, reason, recordKeys } = event;
  return {
    processor: 'stripe',
    id: eventId,
    type,
    occurredAt: occurredAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
    state,
    reason,
    records: [...recordKeys],
  };
}
