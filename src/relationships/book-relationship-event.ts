import type { Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { objectionTo, stateAfter } from './relationship-rules.ts';
import {
  appendRelationshipEvent,
  findRelationshipEvents,
  updateRelationshipState,
} from './relationship-store.ts';
import { InvalidEvent, type Relationship, type RelationshipEvent } from './relationship.ts';

/** Books what happened to a relationship and brings its state up to date. */
export async function bookRelationshipEvent(
  tx: Transaction,
  relationship: Relationship,
  event: RelationshipEvent,
): Promise<Relationship> {
  const booked =
    (await findRelationshipEvents(tx, [relationship.customerId])).get(relationship.id) ?? [];
  const objection = objectionTo(event, relationship, booked);
  if (objection) throw new Refusal(InvalidEvent, objection, { field: 'event' });
  const state = stateAfter([...booked, event]);
  await appendRelationshipEvent(tx, relationship, { sequence: booked.length + 1, event });
  await updateRelationshipState(tx, relationship, state);
  return { ...relationship, ...state };
}
