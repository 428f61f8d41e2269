/** Relationships: the shared-customer ledger. Owns `relationships`, `relationship_events`. */
export { activateRelationships } from './activate-relationships.ts';
export { applyChoice } from './apply-choice.ts';
export { bookRelationshipEvent } from './book-relationship-event.ts';
export { stateAsOf } from './history-rules.ts';
export { openRelationship } from './open-relationship.ts';
export { isOpenAt, standingOf, stateAfter, wasActive } from './relationship-rules.ts';
export {
  findOpenRelationship,
  findRelationshipEvents,
  findRelationshipsNamed,
  findRelationshipsOfCustomers,
  findRelationshipsOfPartner,
} from './relationship-store.ts';
export { eventKinds, UnknownRelationship } from './relationship.ts';
export type {
  Relationship,
  RelationshipEvent,
  RelationshipEventKind,
  RelationshipId,
} from './relationship.ts';
