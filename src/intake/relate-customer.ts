import { refreshJoint } from '../joint/index.ts';
import { findPartner, InvalidPartner } from '../partners/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findService, lockCustomers, UnknownCustomer } from '../records/index.ts';
import {
  activateRelationships,
  openRelationship,
  type Relationship,
} from '../relationships/index.ts';
import { UnknownService, type RelationshipChange } from './intake.ts';

/**
 * Records that a customer came through a partner (referral) or connected its service
 * (integration). Payments that are known already can make it active at once. One transaction from
 * the fact to the joint record.
 */
export async function relateCustomer(
  tools: Tools,
  change: RelationshipChange & { reference: string | null },
): Promise<Relationship> {
  return inTransaction(tools.db, (tx) => relateCustomerIn(tx, tools, change));
}

/** The same in the transaction of whoever says so. Refuses before it writes anything. */
export async function relateCustomerIn(
  tx: Transaction,
  tools: Tools,
  change: RelationshipChange & { reference: string | null },
): Promise<Relationship> {
  const { customerId, serviceId } = change;
  const known = await lockCustomers(tx, [customerId]);
  if (!known.has(customerId)) throw new Refusal(UnknownCustomer);
  const partner = await findPartner(tx, change.partner.id);
  if (partner?.status === 'retired') {
    throw new Refusal(InvalidPartner, 'The partner is retired: it gets no more customers.');
  }
  if (!(await findService(tx, serviceId))) throw new Refusal(UnknownService);
  const opened = await openRelationship(tx, { tools, ...change });
  const now = tools.clock.now();
  const activated = await activateRelationships(tx, { now, customerIds: [customerId] });
  await refreshJoint(tx, tools, [{ customerIds: [customerId] }]);
  return activated.find(({ id }) => id === opened.id) ?? opened;
}
