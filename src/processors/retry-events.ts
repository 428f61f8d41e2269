import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { Stripe } from '../stripe/index.ts';
import { applyEvents } from './apply-events.ts';
import { findEvent, findEventsIn, lockEvents } from './event-store.ts';
import { UnknownEvent, type EventState, type ProcessorEvent } from './processor.ts';

const retried: readonly EventState[] = ['waiting', 'rejected'];

/**
 * Reads again what waits or was rejected, with the mapping and the customers as they are now, each in a
 * transaction of its own: so many events from `after` on. Answers those that stand otherwise than
 * before, and where to go on; null at the end.
 */
export async function retryEvents(
  tools: Tools,
  stripe: Stripe,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ readonly changed: readonly ProcessorEvent[]; readonly next: string | null }> {
  const events = await findEventsIn(tools.db, { states: retried, limit, after });
  const changed = await retryEach(tools, stripe, events);
  return { changed, next: events.length < limit ? null : (events.at(-1)?.eventId ?? null) };
}

/** The same for one event, whatever became of it. Throws Refusal `unknown-event`. */
export async function retryOne(
  tools: Tools,
  stripe: Stripe,
  { eventId }: { readonly eventId: string },
): Promise<readonly ProcessorEvent[]> {
  const event = await findEvent(tools.db, eventId);
  if (!event) throw new Refusal(UnknownEvent);
  return retryEach(tools, stripe, [event]);
}

/** One that is applied can take others with it, so they are compared with what they were. */
async function retryEach(
  tools: Tools,
  stripe: Stripe,
  events: readonly ProcessorEvent[],
): Promise<ProcessorEvent[]> {
  const changed: ProcessorEvent[] = [];
  for (const { eventId } of events) await retryEvent(tools, stripe, eventId);
  for (const before of events) {
    const now = await findEvent(tools.db, before.eventId);
    if (now && (now.state !== before.state || now.reason !== before.reason)) changed.push(now);
  }
  return changed;
}

async function retryEvent(tools: Tools, { mapping }: Stripe, eventId: string): Promise<void> {
  await inTransaction(tools.db, async (tx) => {
    await lockEvents(tx);
    const held = await findEvent(tx, eventId);
    if (!held || held.state === 'applied') return;
    await applyEvents(tx, tools, { event: held, mapping });
  });
}
