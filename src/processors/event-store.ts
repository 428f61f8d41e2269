import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { EventState, HeldEvent, ProcessorEvent } from './processor.ts';

/** Makes whoever applies events do it after the other: what two of them say may belong together. */
export async function lockEvents(tx: Transaction): Promise<void> {
  await queryNamed(tx, lock, []);
}

/** Keeps a new event; answers false where one with its id is held already. */
export async function insertEvent(
  tx: Transaction,
  event: Omit<HeldEvent, 'recordKeys' | 'facts'> & { readonly sha256: Buffer },
): Promise<boolean> {
  const { eventId, type, occurredAt, receivedAt, sha256, state, reason, links, skeleton } = event;
  const rows = await queryNamed(tx, insert, [
    eventId,
    type,
    occurredAt,
    receivedAt,
    sha256,
    state,
    reason,
    links,
    JSON.stringify(skeleton),
  ]);
  return rows.length > 0;
}

/** The event with this id, and the hash of what it says. */
export async function findEvent(
  db: Database | Transaction,
  eventId: string,
): Promise<(HeldEvent & { readonly sha256: Buffer }) | undefined> {
  const [row] = await queryNamed<HeldEvent & { sha256: Buffer }>(db, byId, [eventId]);
  return row;
}

/** Events that name one of these ids, the oldest first. */
export async function findLinkedEvents(
  tx: Transaction,
  links: readonly string[],
): Promise<HeldEvent[]> {
  return queryNamed<HeldEvent>(tx, linked, [links]);
}

/** Events in these states, the oldest first: after the one named, at most so many. */
export async function findEventsIn(
  db: Database | Transaction,
  asked: {
    readonly states: readonly EventState[];
    readonly limit: number;
    readonly after: string;
  },
): Promise<HeldEvent[]> {
  const { states, limit, after } = asked;
  return queryNamed<HeldEvent>(db, inStates, [states, limit, after]);
}

/** Events of one state or of all, the latest first. */
export async function findLatestEvents(
  db: Database | Transaction,
  { state, limit }: { readonly state: EventState | undefined; readonly limit: number },
): Promise<ProcessorEvent[]> {
  return queryNamed<ProcessorEvent>(db, latest, [state ?? null, limit]);
}

/** How many events there are in each state. */
export async function countEvents(
  db: Database | Transaction,
): Promise<ReadonlyMap<EventState, number>> {
  const rows = await queryNamed<{ state: EventState; events: string }>(db, counts, []);
  return new Map(rows.map(({ state, events }) => [state, Number(events)]));
}

/** Writes down what became of an event. */
export async function updateEvent(
  tx: Transaction,
  event: Omit<HeldEvent, 'type' | 'occurredAt' | 'receivedAt'>,
  now: Date,
): Promise<void> {
  const { eventId, state, reason, links, skeleton, facts, recordKeys } = event;
  await queryNamed(tx, update, [
    eventId,
    state,
    reason,
    links,
    skeleton === null ? null : JSON.stringify(skeleton),
    facts === null ? null : JSON.stringify(facts),
    recordKeys,
    now,
  ]);
}

const outline = `
  processor_events.event_id as "eventId", processor_events.type,
  processor_events.occurred_at as "occurredAt", processor_events.received_at as "receivedAt",
  processor_events.state, processor_events.reason, processor_events.record_keys as "recordKeys"`;
const whole = `${outline}, processor_events.links, processor_events.skeleton, processor_events.facts`;

const lock = { name: 'lock-processor-events', text: 'select pg_advisory_xact_lock(7713)' };

const insert = {
  name: 'insert-processor-event',
  text: `
    insert into processor_events (processor, event_id, type, occurred_at, received_at, sha256, state,
      reason, links, skeleton, changed_at)
    values ('stripe', $1, $2, $3, $4, $5, $6, $7, $8, $9, $4)
    on conflict on constraint processor_events_key do nothing
    returning processor_events.event_id`,
};

const byId = {
  name: 'processor-event',
  text: `
    select ${whole}, processor_events.sha256 from processor_events
    where processor_events.processor = 'stripe' and processor_events.event_id = $1`,
};

const linked = {
  name: 'linked-processor-events',
  text: `
    select ${whole} from processor_events
    where processor_events.processor = 'stripe' and processor_events.links && $1::text[]
    order by processor_events.occurred_at, processor_events.event_id collate "C"`,
};

const inStates = {
  name: 'processor-events-in-states',
  text: `
    select ${whole} from processor_events
    where processor_events.state = any($1::text[])
      and processor_events.event_id collate "C" > $3
    order by processor_events.event_id collate "C" limit $2`,
};

const latest = {
  name: 'latest-processor-events',
  text: `
    select ${outline} from processor_events
    where $1::text is null or processor_events.state = $1
    order by processor_events.received_at desc, processor_events.event_id collate "C" desc limit $2`,
};

const counts = {
  name: 'count-processor-events',
  text: `
    select processor_events.state, count(*) as events from processor_events
    group by processor_events.state`,
};

const update = {
  name: 'update-processor-event',
  text: `
    update processor_events set state = $2, reason = $3, links = $4, skeleton = $5, facts = $6,
      record_keys = $7, changed_at = $8
    where processor_events.processor = 'stripe' and processor_events.event_id = $1`,
};
