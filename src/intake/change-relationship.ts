import { refreshJoint } from '../joint/index.ts';
import type { Partner } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockCustomers, type CustomerId, type ServiceId } from '../records/index.ts';
import {
  activateRelationships,
  bookRelationshipEvent,
  findOpenRelationship,
  openRelationship,
  UnknownRelationship,
  type Relationship,
  type RelationshipEventKind,
} from '../relationships/index.ts';

interface Change {
  readonly partner: Partner;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly at: Date;
  readonly evidence: string;
  readonly actor: string;
}

/**
 * Records that a customer came through a partner (referral) or connected its service
 * (integration). Payments that are known already can make it active at once. One transaction from
 * the fact to the joint record.
 */
export async function relateCustomer(
  tools: Tools,
  change: Change & { reference: string | null },
): Promise<Relationship> {
  return inTransaction(tools.db, async (tx) => {
    await lockCustomers(tx, [change.customerId]);
    const opened = await openRelationship(tx, { tools, ...change });
    const activated = await activateRelationships(tx, {
      now: tools.clock.now(),
      customerIds: [change.customerId],
    });
    await refreshJoint(tx, tools, { customerIds: [change.customerId] });
    return activated.find(({ id }) => id === opened.id) ?? opened;
  });
}

/**
 * Records what happened to a relationship: suspended, resumed, connected, disconnected, opted out,
 * opted in, ended. Its effect on what the partner sees has the same commit.
 */
export async function changeRelationship(
  tools: Tools,
  change: Change & { event: RelationshipEventKind },
): Promise<Relationship> {
  const { event, at, evidence, actor } = change;
  return inTransaction(tools.db, async (tx) => {
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
    await refreshJoint(tx, tools, { customerIds: [change.customerId] });
    return activated.find(({ id }) => id === booked.id) ?? booked;
  });
}
