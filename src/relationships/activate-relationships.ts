import type { Transaction } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import { findSettledPayments, type CustomerId } from '../records/index.ts';
import { activatingPayment, stateAfter, type SettledPayment } from './relationship-rules.ts';
import {
  appendRelationshipEvent,
  findRelationshipEvents,
  findRelationshipsOfCustomers,
  updateRelationshipState,
} from './relationship-store.ts';
import type { Relationship, RelationshipEvent } from './relationship.ts';

/**
 * Makes these customers' relationships active from the first settled payment in their interval
 * (P10), and moves the moment when a payment that became known late, or was corrected, changes
 * which one is first. Returns the relationships whose state changed.
 */
export async function activateRelationships(
  tx: Transaction,
  { now, customerIds }: { now: Date; customerIds: readonly CustomerId[] },
): Promise<Relationship[]> {
  const relationships = await findRelationshipsOfCustomers(tx, customerIds);
  if (relationships.length === 0) return [];
  const payments = await findSettledPayments(tx, {
    customerIds: [...new Set(relationships.map(({ customerId }) => customerId))],
  });
  const paymentsOf = groupBy(payments, ({ customerId, serviceId }) => customerId + serviceId);
  const changed: Relationship[] = [];
  for (const relationship of relationships) {
    const { customerId, serviceId, openParts, activatedAt } = relationship;
    const first = activatingPayment(openParts, paymentsOf.get(customerId + serviceId) ?? []);
    if ((first?.settledAt.getTime() ?? null) === (activatedAt?.getTime() ?? null)) continue;
    changed.push(await bookActivation(tx, relationship, { first, now }));
  }
  return changed;
}

async function bookActivation(
  tx: Transaction,
  relationship: Relationship,
  { first, now }: { first: SettledPayment | undefined; now: Date },
): Promise<Relationship> {
  const booked =
    (await findRelationshipEvents(tx, [relationship.customerId])).get(relationship.id) ?? [];
  const event: RelationshipEvent = {
    event: 'activated',
    at: first?.settledAt ?? null,
    evidence: first ? `payment ${first.recordId}` : 'no settled payment is left',
    actor: 'gateway',
    bookedAt: now,
  };
  const state = stateAfter([...booked, event]);
  await appendRelationshipEvent(tx, relationship, { sequence: booked.length + 1, event });
  await updateRelationshipState(tx, relationship, state);
  return { ...relationship, ...state };
}
