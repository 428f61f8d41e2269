import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { countEvents, findEvent, findLatestEvents } from './event-store.ts';
import { eventStates, UnknownEvent, type EventState, type ProcessorEvent } from './processor.ts';

/** Events of one state or of all, the latest first. */
export async function listEvents(
  { db }: Tools,
  asked: { readonly state: EventState | undefined; readonly limit: number },
): Promise<ProcessorEvent[]> {
  return findLatestEvents(db, asked);
}

/** How many events there are in each state: what waits or is rejected has made no record. */
export async function countEventStates({ db }: Tools): Promise<Record<EventState, number>> {
  const counts = await countEvents(db);
  const entries = eventStates.map((state) => [state, counts.get(state) ?? 0] as const);
  return Object.fromEntries(entries) as Record<EventState, number>;
}

/** One event. Throws Refusal `unknown-event`. */
export async function showEvent(
  { db }: Tools,
  { eventId }: { readonly eventId: string },
): Promise<ProcessorEvent> {
  const event = await findEvent(db, eventId);
  if (!event) throw new Refusal(UnknownEvent);
  return event;
}
