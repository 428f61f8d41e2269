import { takeRecordsIn } from '../intake/index.ts';
import { tryInside, type Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import {
  linksIn,
  readEvent,
  type Fact,
  type Reading,
  type StripeMapping,
} from '../stripe/index.ts';
import { findLinkedEvents, updateEvent } from './event-store.ts';
import type { EventState, HeldEvent } from './processor.ts';
import { recordsOf, type RecordGroup } from './record-rules.ts';

/**
 * Stores the records that an event comes to, together with all events about the same payment, so that
 * what waited for this one is applied with it. Holds the lock of the events. Answers the event as it
 * stands now.
 */
export async function applyEvents(
  tx: Transaction,
  tools: Tools,
  { event, mapping }: { readonly event: HeldEvent; readonly mapping: StripeMapping },
): Promise<HeldEvent> {
  const about = await readLinked(tx, event, mapping);
  const said = about.map(({ held, reading }) => ({
    ...{ eventId: held.eventId, occurredAt: held.occurredAt },
    isApplied: held.state === 'applied',
    facts: factsOf(reading),
  }));
  const verdicts = new Map<string, Verdict>();
  for (const group of recordsOf(said)) {
    const verdict = await storeGroup(tx, tools, group);
    for (const eventId of group.eventIds) {
      verdicts.set(eventId, worse(verdicts.get(eventId), verdict));
    }
  }
  const now = tools.clock.now();
  let own = event;
  for (const one of about) {
    const after = standingOf(one, verdicts.get(one.held.eventId) ?? nothing);
    if (one.held.eventId === event.eventId) own = after;
    if (isSame(one.held, after)) continue;
    await updateEvent(tx, after, now);
    tellOf(tools, after);
  }
  return own;
}

interface Read {
  readonly held: HeldEvent;
  readonly reading: Reading;
}

/** This event and all that hang together with it, each read as it can be read now. */
async function readLinked(
  tx: Transaction,
  event: HeldEvent,
  mapping: StripeMapping,
): Promise<Read[]> {
  const found = new Map([[event.eventId, event]]);
  const asked = new Set<string>();
  for (;;) {
    const about = readAll([...found.values()], { mapping, own: event.eventId });
    const further = [...new Set(about.flatMap(linksOf))].filter((link) => !asked.has(link)).sort();
    if (further.length === 0) return about;
    for (const link of further) asked.add(link);
    for (const one of await findLinkedEvents(tx, further)) {
      if (!found.has(one.eventId)) found.set(one.eventId, one);
    }
  }
}

function readAll(
  events: readonly HeldEvent[],
  { mapping, own }: { readonly mapping: StripeMapping; readonly own: string },
): Read[] {
  const keys = new Map<string, string>();
  const keyOf = (customer: string) => keys.get(customer);
  const readings = (isFirst: boolean) =>
    events.map((held): Read => {
      const { facts, skeleton, state } = held;
      // What is applied stays as it was read: a later mapping does not move it.
      if (facts !== null) return { held, reading: { facts } };
      if (isFirst && !isOfCustomer(held)) return { held, reading: { facts: [] } };
      const isAskedFor = held.eventId === own || isOfCustomer(held);
      if (state === 'kept' && !isAskedFor) return { held, reading: keptAs(held) };
      return { held, reading: readEvent(skeleton, mapping, keyOf) };
    });
  for (const fact of readings(true).flatMap(({ reading }) => factsOf(reading))) {
    if (fact.kind === 'customer') keys.set(fact.id, fact.key);
  }
  return readings(false);
}

const isOfCustomer = ({ type }: HeldEvent) => type.startsWith('customer.');
const keptAs = ({ reason }: HeldEvent): Reading => ({ isKept: true, reason: reason ?? '' });

const factsOf = (reading: Reading): readonly Fact[] => ('facts' in reading ? reading.facts : []);

const linksOf = ({ held, reading }: Read) =>
  held.facts === null ? linksIn(held.skeleton, reading) : held.links;

interface Verdict {
  readonly state: Extract<EventState, 'applied' | 'waiting' | 'rejected'>;
  readonly reason: string | null;
  readonly recordKeys: readonly string[];
}

const nothing: Verdict = { state: 'applied', reason: null, recordKeys: [] };

/** The records of a group are stored together or not at all. */
async function storeGroup(tx: Transaction, tools: Tools, group: RecordGroup): Promise<Verdict> {
  const { records, obstacle } = group;
  if (obstacle) {
    const { waits, reason } = obstacle;
    return { state: waits ? 'waiting' : 'rejected', reason, recordKeys: [] };
  }
  if (records.length === 0) return nothing;
  const offered = records.map((record, index) => ({ ...record, file: 'stripe', line: index + 1 }));
  const { code } = await tryInside(tx, async () => {
    const taken = await takeRecordsIn(tx, tools, { records: offered });
    const [wrong] = taken.flatMap(({ problems }) => problems);
    return { isKept: wrong === undefined, code: wrong?.code };
  });
  if (code !== undefined) {
    return { state: mayCome.has(code) ? 'waiting' : 'rejected', reason: code, recordKeys: [] };
  }
  const recordKeys = records.map(({ type, value }) => `${type} ${value.id}`);
  return { state: 'applied', reason: null, recordKeys };
}

const mayCome: ReadonlySet<string> = new Set([
  'unknown-customer',
  'unknown-service',
  'unknown-payment',
]);

function worse(one: Verdict | undefined, other: Verdict): Verdict {
  if (!one) return other;
  const recordKeys = [...new Set([...one.recordKeys, ...other.recordKeys])].sort();
  const rank = ({ state }: Verdict) => ['applied', 'waiting', 'rejected'].indexOf(state);
  return { ...(rank(other) > rank(one) ? other : one), recordKeys };
}

function standingOf(read: Read, verdict: Verdict): HeldEvent {
  const { held, reading } = read;
  const links = linksOf(read);
  if ('isKept' in reading) {
    return { ...held, state: 'kept', reason: reading.reason, links, recordKeys: [] };
  }
  if ('obstacle' in reading) {
    const { waits, reason } = reading.obstacle;
    return { ...held, state: waits ? 'waiting' : 'rejected', reason, links, recordKeys: [] };
  }
  // Once applied it stays so: what it says is among the records, and is not read anew.
  if (held.facts !== null || verdict.state === 'applied') {
    const { facts } = reading;
    const { recordKeys: made, reason } = verdict;
    const recordKeys = made.length > 0 ? made : held.recordKeys;
    return { ...held, state: 'applied', reason, links, facts, skeleton: null, recordKeys };
  }
  return { ...held, ...verdict, links };
}

function isSame(one: HeldEvent, other: HeldEvent): boolean {
  const said = ({ state, reason, links, recordKeys }: HeldEvent) =>
    JSON.stringify([state, reason, links, recordKeys]);
  return said(one) === said(other);
}

/** Ids and reasons alone: whoever looks after payments has to see what makes no record. */
function tellOf({ log }: Tools, { eventId, type, state, reason }: HeldEvent): void {
  if (state === 'applied' || state === 'kept') log.info({ eventId, type, state }, 'payment event');
  else log.warn({ eventId, type, state, reason }, 'payment event made no record');
}
