import { mayShare, type Choice } from '../choices/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { eventOfChoice, stateAfter } from './relationship-rules.ts';
import {
  appendRelationshipEvent,
  findRelationshipEvents,
  findRelationshipsOfCustomers,
  updateRelationshipState,
} from './relationship-store.ts';

/**
 * Books a customer's choice on each open relationship that it closes or opens. Takes all of the
 * customer's choices, in their order; the last is the one that was made now. Returns the partners
 * whose relationships changed.
 */
export async function applyChoice(
  tx: Transaction,
  choice: Choice,
  choices: readonly Choice[],
): Promise<PartnerId[]> {
  const { customerId } = choice;
  const events = await findRelationshipEvents(tx, [customerId]);
  const touched = new Set<PartnerId>();
  for (const relationship of await findRelationshipsOfCustomers(tx, [customerId])) {
    if (relationship.endedAt) continue;
    const booked = events.get(relationship.id) ?? [];
    const event = eventOfChoice(choice, mayShare(choices, relationship.partnerId), booked);
    if (!event) continue;
    await appendRelationshipEvent(tx, relationship, { sequence: booked.length + 1, event });
    await updateRelationshipState(tx, relationship, stateAfter([...booked, event]));
    touched.add(relationship.partnerId);
  }
  return [...touched];
}
