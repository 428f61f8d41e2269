import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { Stripe } from '../stripe/index.ts';
import { applyEvents } from './apply-events.ts';
import { findEvent, findEventsIn, lockEvents } from './event-store.ts';
import { UnknownEvent, type EventState, type ProcessorEvent } from './processor.ts';

const atOnce = 100;
const retried: readonly EventState[] = ['waiting', 'rejected', 'kept'];

/**
 * Reads again what made no record, with the mapping and the customers as they are now: one event, or
 * all of them, each in a transaction of its own. Answers those that stand otherwise than before.
 */
export async function retryEvents(
  tools: Tools,
  stripe: Stripe,
  { eventId }: { readonly eventId?: string | undefined } = {},
): Promise<ProcessorEvent[]> {
  if (eventId !== undefined) {
    if (!(await findEvent(tools.db, eventId))) throw new Refusal(UnknownEvent);
    return [await retryEvent(tools, stripe, eventId)].flatMap((one) => one ?? []);
  }
  const changed: ProcessorEvent[] = [];
  let after = '';
  for (;;) {
    const events = await findEventsIn(tools.db, { states: retried, limit: atOnce, after });
    for (const event of events) {
      const now = await retryEvent(tools, stripe, event.eventId);
      if (now) changed.push(now);
    }
    const last = events.at(-1);
    if (!last) return changed;
    after = last.eventId;
  }
}

async function retryEvent(
  tools: Tools,
  { mapping }: Stripe,
  eventId: string,
): Promise<ProcessorEvent | undefined> {
  return inTransaction(tools.db, async (tx) => {
    await lockEvents(tx);
    const held = await findEvent(tx, eventId);
    if (!held || held.state === 'applied') return undefined;
    const asNew = { ...held, state: 'waiting' as const };
    const { sha256: _hash, ...now } = { ...held, ...(await applyEvents(tx, tools, { event: asNew, mapping })) }; // prettier-ignore
    return now.state === held.state && now.reason === held.reason ? undefined : now;
  });
}
