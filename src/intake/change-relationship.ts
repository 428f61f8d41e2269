import { refreshOrClose, sweepClosures } from '../joint/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockCustomers } from '../records/index.ts';
import {
  activateRelationships,
  bookRelationshipEvent,
  findOpenRelationship,
  UnknownRelationship,
  type Relationship,
  type RelationshipEventKind,
} from '../relationships/index.ts';
import type { RelationshipChange } from './intake.ts';

/**
 * Records what happened to a relationship: suspended, resumed, connected, disconnected, opted out,
 * opted in, ended. Its effect on what the partner sees has the same commit.
 */
export async function changeRelationship(
  tools: Tools,
  change: RelationshipChange & { event: RelationshipEventKind },
): Promise<Relationship> {
  const { event, at, evidence, actor } = change;
  const changed = await inTransaction(tools.db, async (tx) => {
    await lockCustomers(tx, [change.customerId]);
    const relationship = await findOpenRelationship(tx, {
      customerId: change.customerId,
      partnerId: change.partner.id,
      serviceId: change.serviceId,
    });
    if (!relationship) throw new Refusal(UnknownRelationship);
    const bookedAt = tools.clock.now();
    const booked = await bookRelationshipEvent(tx, relationship, {
      event,
      at,
      evidence,
      actor,
      bookedAt,
    });
    const activated = await activateRelationships(tx, {
      now: bookedAt,
      customerIds: [change.customerId],
    });
    await refreshOrClose(tx, tools, { customerId: change.customerId });
    return activated.find(({ id }) => id === booked.id) ?? booked;
  });
  await sweepClosures(tools);
  return changed;
}
