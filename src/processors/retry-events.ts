import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { Stripe } from '../stripe/index.ts';
import { applyEvents } from './apply-events.ts';
import { findEvent, findEventsIn, lockEvents } from './event-store.ts';
import { UnknownEvent, type EventState, type ProcessorEvent } from './processor.ts';

const atOnce = 100;
const retried: readonly EventState[] = ['waiting', 'rejected'];

/**
 * Reads again what made no record, with the mapping and the customers as they are now: one event, or
 * all that waits or was rejected, each in a transaction of its own. Answers those that stand otherwise than before.
 */
export async function retryEvents(
  tools: Tools,
  stripe: Stripe,
  { eventId }: { readonly eventId?: string | undefined } = {},
): Promise<ProcessorEvent[]> {
  if (eventId !== undefined) {
    const event = await findEvent(tools.db, eventId);
    if (!event) throw new Refusal(UnknownEvent);
    return retryEach(tools, stripe, [event]);
  }
  const changed: ProcessorEvent[] = [];
  let after = '';
  for (;;) {
    const events = await findEventsIn(tools.db, { states: retried, limit: atOnce, after });
    changed.push(...(await retryEach(tools, stripe, events)));
    const last = events.at(-1);
    if (!last) return changed;
    after = last.eventId;
  }
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
