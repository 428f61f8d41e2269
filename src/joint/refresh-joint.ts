import { numberSubjects, raiseEpoch } from '../logs/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import type { Tools } from '../platform/tools.ts';
import type { CustomerId, RecordId } from '../records/index.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import { closeLarge, openClosures } from './closure-store.ts';
import { compareJoint } from './compare-joint.ts';
import { deleteJointRecords, upsertJointRecords, type StoredJointRecord } from './joint-store.ts';
import type { JointRecord } from './joint.ts';

/** Customers, and of their records all or those given. */
export interface JointScope {
  readonly customerIds: readonly CustomerId[];
  readonly recordIds?: readonly RecordId[];
}

/** A customer with more joint records at a recipient is closed by one row before they are removed. */
const largeAbove = 10_000;

/**
 * Brings joint records up to date in the transaction that changed a record or a relationship.
 * Where a row goes, or a service that showed it, the epoch of its recipient's log rises, so that no
 * answer under way is logged under the old rights. A change that leaves a row equal writes nothing.
 * Called once in a transaction, so that rows of several recipients are always locked in one order.
 * The caller holds the customers' locks. Returns how many rows were written or removed.
 */
export async function refreshJoint(
  tx: Transaction,
  tools: Tools,
  scopes: readonly JointScope[],
): Promise<number> {
  return (await refresh(tx, tools, { scopes, touched: [], closed: [] })).length;
}

/**
 * The same for one customer of whom something is taken away. The epoch rises for the recipients who
 * are touched too, whatever they see. Where no relationship with a partner
 * is active any more and its records there are very many, one row closes it in this transaction.
 * The caller sweeps after the commit (`sweepClosures`).
 */
export async function refreshOrClose(
  tx: Transaction,
  tools: Tools,
  { customerId, touched = [] }: { customerId: CustomerId; touched?: readonly PartnerId[] },
): Promise<void> {
  const relationships = await findRelationshipsOfCustomers(tx, [customerId]);
  const active = new Set(relationships.flatMap((one) => (one.isActive ? [one.partnerId] : [])));
  const recipientIds = [...new Set(relationships.map(({ partnerId }) => partnerId))].filter(
    (partnerId) => !active.has(partnerId),
  );
  const closed = await closeLarge(tx, { customerId, recipientIds, above: largeAbove });
  await refresh(tx, tools, { scopes: [{ customerIds: [customerId] }], touched, closed });
}

async function refresh(
  tx: Transaction,
  tools: Tools,
  {
    scopes,
    touched,
    closed,
  }: {
    scopes: readonly JointScope[];
    touched: readonly PartnerId[];
    closed: readonly PartnerId[];
  },
): Promise<readonly JointRecord[]> {
  const due: JointRecord[] = [];
  const surplus: StoredJointRecord[] = [];
  const narrowed: JointRecord[] = [];
  for (const scope of scopes) {
    if (scope.customerIds.length === 0 || scope.recordIds?.length === 0) continue;
    const comparison = await compareJoint(tx, tools, { ...scope, but: closed });
    due.push(...comparison.due);
    surplus.push(...comparison.surplus);
    narrowed.push(...comparison.narrowed);
  }
  const numbered = await withSubjectNumbers(tx, due);
  await deleteJointRecords(tx, surplus);
  await upsertJointRecords(tx, numbered);
  const whole = scopes.filter(({ recordIds }) => recordIds === undefined);
  const customerIds = whole.flatMap((scope) => scope.customerIds);
  await openClosures(tx, { customerIds, but: closed });
  const taken = [...surplus, ...narrowed].map(({ recipientId }) => recipientId);
  await raiseEpoch(tx, [...touched, ...closed, ...taken]);
  return [...due, ...surplus];
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
