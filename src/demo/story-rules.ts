import type { DemoPartnerKey, ServiceKey } from './company.ts';
import type { Course } from './business-rules.ts';
import { keyOf, type DemoCustomer } from './customer-rules.ts';
import { drawInstant } from './day-rules.ts';
import type { RelationshipEventKind } from '../relationships/index.ts';

/** One relationship of the made-up world, and what happened to it. */
export interface DemoRelationship {
  readonly partner: DemoPartnerKey;
  readonly customer: string;
  readonly service: ServiceKey;
  readonly at: Date;
  readonly reference: string;
  readonly events: readonly DemoEvent[];
}

export interface DemoEvent {
  readonly event: RelationshipEventKind;
  readonly at: Date;
  readonly evidence: string;
}

type Happening = readonly [event: RelationshipEventKind, day: string, evidence: string];

/** Customers by their place in the list, 0 to 47. Who came through whom; the others came alone. */
const brightside = { from: 0, until: 18 };
const northlight = { from: 18, until: 32 };
/** Attributed and invoiced, but never a paying customer: nobody's joint customer (P10). */
const neverPaying: readonly number[] = [4, 12, 21, 28, 40];
/** Attributed only after some months of business: what came before stays hidden (P11). */
const attributedLate: Readonly<Record<number, string>> = { 6: '2026-08-10', 24: '2026-09-01' };

const referralEvents: Readonly<Record<number, readonly Happening[]>> = {
  3: [['opted-out', '2026-08-12', 'privacy page']],
  9: [
    ['opted-out', '2026-08-01', 'privacy page'],
    ['opted-in', '2026-09-20', 'privacy page'],
  ],
  10: [['ended', '2026-09-30', 'the customer closed its account']],
  18: [['opted-out', '2026-09-05', 'letter of the customer']],
  25: [['ended', '2026-08-31', 'the customer closed its account']],
};
const integrationEvents: Readonly<Record<number, readonly Happening[]>> = {
  13: [['disconnected', '2026-09-15', 'settings page']],
  33: [
    ['disconnected', '2026-08-20', 'settings page'],
    ['connected', '2026-09-02', 'settings page'],
  ],
};

/** Everything that ties these customers to partners, in the order of the customers. */
export function makeRelationships(customers: readonly DemoCustomer[]): DemoRelationship[] {
  return customers.flatMap((customer, index) => {
    const referrer = referrerOf(index);
    const studio = referrer ? [referralOf(customer, index, referrer, 'studio')] : [];
    const hasArchive = referrer === 'brightside' && customer.archiveUnits > 0;
    const archive = hasArchive ? [referralOf(customer, index, referrer, 'archive')] : [];
    const connection = index % 4 === 1 ? [connectionOf(customer, index)] : [];
    return [...studio, ...archive, ...connection];
  });
}

/** How the business of the customer at this place goes. */
export function courseOf(index: number): Course {
  const end = referralEvents[index]?.find(([event]) => event === 'ended');
  return { neverPays: neverPaying.includes(index), leavesOn: end?.[1] };
}

function referrerOf(index: number): 'brightside' | 'northlight' | undefined {
  if (index >= brightside.from && index < brightside.until) return 'brightside';
  return index >= northlight.from && index < northlight.until ? 'northlight' : undefined;
}

function referralOf(
  { key, signedUpOn }: DemoCustomer,
  index: number,
  partner: 'brightside' | 'northlight',
  service: ServiceKey,
): DemoRelationship {
  return {
    partner,
    customer: key,
    service,
    at: morningOf(attributedLate[index] ?? signedUpOn),
    reference: `${partner.slice(0, 2).toUpperCase()}-${keyOf(index).slice(2)}`,
    events: eventsOf(key, referralEvents[index]),
  };
}

function connectionOf({ key, signedUpOn }: DemoCustomer, index: number): DemoRelationship {
  return {
    partner: 'loomworks',
    customer: key,
    service: 'studio',
    at: morningOf(signedUpOn),
    reference: `loom-${key.slice(2)}`,
    events: eventsOf(key, integrationEvents[index]),
  };
}

/** Before the first payment of the day can settle. */
function morningOf(day: string): Date {
  return new Date(`${day}T06:00:00Z`);
}

function eventsOf(key: string, happenings: readonly Happening[] = []): DemoEvent[] {
  return happenings.map(([event, day, evidence]) => ({
    event,
    at: drawInstant(day, event, key),
    evidence,
  }));
}
