import { numberSubjects, raiseEpoch } from '../disclosures/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import type { Tools } from '../platform/tools.ts';
import type { CustomerId, RecordId } from '../records/index.ts';
import { compareJoint } from './compare-joint.ts';
import { deleteJointRecords, upsertJointRecords, type StoredJointRecord } from './joint-store.ts';
import type { JointRecord } from './joint.ts';

/** Customers, and of their records all or those given. */
export interface JointScope {
  readonly customerIds: readonly CustomerId[];
  readonly recordIds?: readonly RecordId[];
}

/**
 * Brings joint records up to date in the transaction that changed a record or a relationship.
 * Where a row goes, the epoch of its recipient's log rises, so that no answer under way is logged
 * under the old rights; so does that of the recipients who are touched otherwise. A change that leaves a row equal writes nothing. Called once in a
 * transaction, so that rows of several recipients are always locked in one order. The caller holds
 * the customers' locks. Returns how many rows were written or removed.
 */
export async function refreshJoint(
  tx: Transaction,
  tools: Tools,
  scopes: readonly JointScope[],
  { touched = [] }: { touched?: readonly PartnerId[] } = {},
): Promise<number> {
  const due: JointRecord[] = [];
  const surplus: StoredJointRecord[] = [];
  for (const scope of scopes) {
    if (scope.customerIds.length === 0 || scope.recordIds?.length === 0) continue;
    const comparison = await compareJoint(tx, tools, scope);
    due.push(...comparison.due);
    surplus.push(...comparison.surplus);
  }
  const numbered = await withSubjectNumbers(tx, due);
  await deleteJointRecords(tx, surplus);
  await upsertJointRecords(tx, numbered);
  await raiseEpoch(tx, [...touched, ...surplus.map(({ recipientId }) => recipientId)]);
  return due.length + surplus.length;
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
