import { numberSubjects, raiseEpoch } from '../disclosures/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import type { Tools } from '../platform/tools.ts';
import type { CustomerId, RecordId } from '../records/index.ts';
import { compareJoint } from './compare-joint.ts';
import { deleteJointRecords, upsertJointRecords, type StoredJointRecord } from './joint-store.ts';
import type { JointRecord } from './joint.ts';

/**
 * Brings joint records up to date in the transaction that changed a record or a relationship: of
 * all records of these customers, or of those given. Where a row goes, the epoch of its
 * recipient's log rises, so that no answer under way is logged under the old rights. A change that
 * leaves a row equal writes nothing. The caller holds the customers' locks.
 */
export async function refreshJoint(
  tx: Transaction,
  tools: Tools,
  of: { customerIds: readonly CustomerId[]; recordIds?: readonly RecordId[] },
): Promise<void> {
  if (of.customerIds.length === 0 || of.recordIds?.length === 0) return;
  const { due, surplus } = await compareJoint(tx, tools, of);
  await deleteJointRecords(tx, surplus);
  await upsertJointRecords(tx, await withSubjectNumbers(tx, due));
  await raiseEpoch(tx, [...new Set(surplus.map(({ recipientId }) => recipientId))].sort());
}

async function withSubjectNumbers(
  tx: Transaction,
  records: readonly JointRecord[],
): Promise<StoredJointRecord[]> {
  const numbered: StoredJointRecord[] = [];
  const byRecipient = groupBy(records, ({ recipientId }) => recipientId);
  for (const recipientId of [...byRecipient.keys()].sort()) {
    numbered.push(...(await numberedFor(tx, recipientId, byRecipient.get(recipientId) ?? [])));
  }
  return numbered;
}

async function numberedFor(
  tx: Transaction,
  recipientId: PartnerId,
  records: readonly JointRecord[],
): Promise<StoredJointRecord[]> {
  const customerIds = [...new Set(records.map(({ customerId }) => customerId))];
  const numbers = await numberSubjects(tx, recipientId, customerIds);
  return records.map((record) => {
    const subjectNumber = numbers.get(record.customerId);
    if (subjectNumber === undefined) throw new Error('A subject was given no number.');
    return { ...record, subjectNumber };
  });
}
