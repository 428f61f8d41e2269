import { findChoices, objectionToSharing } from '../choices/index.ts';
import type { Partner } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';
import { objectionToOpening, stateAfter, type EarlierRelationship } from './relationship-rules.ts';
import {
  appendRelationshipEvent,
  findRelationshipEvents,
  findRelationshipsOfCustomers,
  insertRelationship,
} from './relationship-store.ts';
import {
  AlreadyReferred,
  InvalidEvent,
  type Relationship,
  type RelationshipEvent,
  type RelationshipId,
} from './relationship.ts';

/**
 * Opens a relationship with its first event: an attribution (referral) or a connection
 * (integration). It is not active yet: that takes a settled payment (P10, P15). Refuses a moment
 * in the future, a second relationship of the kind for the customer and service, and sharing that
 * the customer refused (P32).
 */
export async function openRelationship(
  tx: Transaction,
  opening: {
    tools: Tools;
    partner: Partner;
    customerId: CustomerId;
    serviceId: ServiceId;
    at: Date;
    evidence: string;
    actor: string;
    reference: string | null;
  },
): Promise<Relationship> {
  const { tools, partner, customerId, serviceId, at, evidence, actor, reference } = opening;
  const bookedAt = tools.clock.now();
  if (at > bookedAt) {
    throw new Refusal(InvalidEvent, 'It cannot be booked before it happens.', { field: 'at' });
  }
  const refused = objectionToSharing(await findChoices(tx, [customerId]), {
    partnerId: partner.id,
    at,
  });
  if (refused) throw new Refusal(InvalidEvent, refused, { field: 'at', promise: 'P32' });
  const objection = objectionToOpening(
    { at, partnerId: partner.id, kind: partner.kind },
    await earlierOf(tx, customerId, serviceId),
  );
  if (objection) throw new Refusal(InvalidEvent, objection, { field: 'at' });
  const event: RelationshipEvent = {
    event: partner.kind === 'referral' ? 'attributed' : 'connected',
    at,
    evidence,
    actor,
    bookedAt,
  };
  const relationship: Relationship = {
    id: newUuid(tools) as RelationshipId,
    partnerId: partner.id,
    customerId,
    serviceId,
    kind: partner.kind,
    reference,
    ...stateAfter([event]),
  };
  if (!(await insertRelationship(tx, relationship))) throw new Refusal(AlreadyReferred);
  await appendRelationshipEvent(tx, relationship, { sequence: 1, event });
  return relationship;
}

async function earlierOf(
  tx: Transaction,
  customerId: CustomerId,
  serviceId: ServiceId,
): Promise<EarlierRelationship[]> {
  const all = await findRelationshipsOfCustomers(tx, [customerId]);
  const events = await findRelationshipEvents(tx, [customerId]);
  return all
    .filter((one) => one.serviceId === serviceId)
    .map((relationship) => ({ relationship, booked: events.get(relationship.id) ?? [] }));
}
