import type { Tools } from '../platform/tools.ts';
import type { CustomerId } from '../records/index.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import { findCustomerIds } from '../records/index.ts';
import { compareJoint } from './compare-joint.ts';
import { findJointRecords } from './joint-store.ts';
import type { JointDifference, JointRecord } from './joint.ts';

/**
 * Recomputes every joint record from its sources and lists what differs; nothing, when scope is
 * right. Reads in pages of customers, so memory stays flat; run it while no writer is busy, or a
 * change between two reads shows as a difference.
 */
export async function checkJoint(tools: Tools): Promise<JointDifference[]> {
  const differences: JointDifference[] = [];
  let after: CustomerId | undefined;
  for (;;) {
    const customerIds = await findCustomerIds(tools.db, { after, limit: 200 });
    if (customerIds.length === 0) return differences;
    differences.push(...(await checkCustomers(tools, customerIds)));
    after = customerIds.at(-1);
  }
}

async function checkCustomers(
  tools: Tools,
  customerIds: readonly CustomerId[],
): Promise<JointDifference[]> {
  const { due, surplus, standing } = await compareJoint(tools.db, tools, { customerIds });
  const known = new Set(standing.map(keyOf));
  const relationships = await findRelationshipsOfCustomers(tools.db, customerIds);
  const pairs = new Set(relationships.map((one) => one.partnerId + one.customerId));
  const everywhere = await findJointRecords(tools.db, { customerIds });
  const strays = everywhere.filter((one) => !pairs.has(one.recipientId + one.customerId));
  return [
    ...due.map((record) => named(record, known.has(keyOf(record)) ? 'other' : 'missing')),
    ...[...surplus, ...strays].map((record) => named(record, 'surplus')),
  ];
}

function keyOf({ recipientId, recordType, recordId }: JointRecord): string {
  return `${recipientId} ${recordType} ${recordId}`;
}

function named(
  { recipientId, recordType, recordId }: JointRecord,
  difference: JointDifference['difference'],
): JointDifference {
  return { recipientId, recordType, recordId, difference };
}
