import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import type { Tools } from '../platform/tools.ts';
import { classesOfKind, readPolicy, type Policy } from '../policy/index.ts';
import { catalogueOf, type Catalogue } from '../catalogue/index.ts';
import {
  findCurrentRecords,
  type CustomerId,
  type HeldRecord,
  type RecordId,
  type ServiceId,
} from '../records/index.ts';
import { findRelationshipsOfCustomers, type Relationship } from '../relationships/index.ts';
import { cutRecord, servicesShowing } from './joint-rules.ts';
import { findJointRecords, type StoredJointRecord } from './joint-store.ts';
import { areTextsEqual, type JointRecord } from './joint.ts';
import { pairwiseOf, type Pairwise } from './pairwise-rules.ts';

/** What the joint records of some customers should be beside what they are. */
export interface JointComparison {
  /** Missing, or standing with another text. */
  readonly due: readonly JointRecord[];
  /** Standing, but no longer anybody's. */
  readonly surplus: readonly StoredJointRecord[];
  /** Due, but standing under a service that no longer shows them: an agreement may cover that alone. */
  readonly narrowed: readonly JointRecord[];
  readonly standing: readonly StoredJointRecord[];
}

/**
 * Works out from records and relationships which joint records should stand for these customers
 * (or for some records of theirs), and compares them with those that do. Reads only.
 */
export async function compareJoint(
  db: Database | Transaction,
  tools: Tools,
  {
    but = [],
    ...of
  }: {
    customerIds: readonly CustomerId[];
    recordIds?: readonly RecordId[];
    /** Recipients that are left as they are. */
    but?: readonly PartnerId[];
  },
): Promise<JointComparison> {
  const all = await findRelationshipsOfCustomers(db, of.customerIds);
  const relationships = all.filter(({ partnerId }) => !but.includes(partnerId));
  if (relationships.length === 0) return { due: [], surplus: [], narrowed: [], standing: [] };
  const customerIds = [...new Set(relationships.map(({ customerId }) => customerId))];
  const recipientIds = [...new Set(relationships.map(({ partnerId }) => partnerId))];
  const records = await findCurrentRecords(db, { ...of, customerIds });
  const standing = await findJointRecords(db, { ...of, customerIds, recipientIds });
  const policy = await readPolicy(db);
  const expected = expectedRecords(tools, policy, { relationships, records });
  const known = new Map(standing.map((record) => [keyOf(record), record]));
  const wanted = new Set(expected.map(keyOf));
  const due = expected.filter((record) => !isSame(record, known.get(keyOf(record))));
  return {
    due,
    narrowed: due.filter((record) => losesService(record, known.get(keyOf(record)))),
    surplus: standing.filter((record) => !wanted.has(keyOf(record))),
    standing,
  };
}

function expectedRecords(
  tools: Tools,
  policy: Policy,
  { relationships, records }: { relationships: Relationship[]; records: HeldRecord[] },
): JointRecord[] {
  const { timeZone, keys } = tools.settings;
  const catalogue = catalogueOf(tools.settings);
  const recordsOf = groupBy(records, ({ customerId }) => customerId);
  const pairwises = new Map<PartnerId, Pairwise>();
  const joint: JointRecord[] = [];
  const pairs = groupBy(relationships, ({ partnerId, customerId }) => partnerId + customerId);
  for (const pair of pairs.values()) {
    const relationship = pair.find(({ isActive }) => isActive);
    if (!relationship) continue;
    const { partnerId, customerId } = relationship;
    const pairwise = pairwises.get(partnerId) ?? pairwiseOf(keys.pairwise, partnerId);
    pairwises.set(partnerId, pairwise);
    for (const record of recordsOf.get(customerId) ?? []) {
      const services = servicesShowing(pair, record, timeZone);
      if (services.length === 0) continue;
      joint.push(...cut(catalogue, policy, { relationship, pairwise, record, services }));
    }
  }
  return joint;
}

/** A business type's very existence is business data: where the class is barred, so is the row. */
function cut(
  catalogue: Catalogue,
  policy: Policy,
  what: {
    relationship: Relationship;
    pairwise: Pairwise;
    record: HeldRecord;
    services: readonly ServiceId[];
  },
): JointRecord[] {
  const type = catalogue.types.get(what.record.type);
  const classes = classesOfKind(policy, what.relationship.kind);
  if (!type || (type.isBusiness && !classes.includes('business'))) return [];
  return [cutRecord({ ...what, type, classes })];
}

function keyOf({ recipientId, recordId, recordType }: JointRecord): string {
  return `${recipientId} ${recordType} ${recordId}`;
}

function losesService(expected: JointRecord, standing: StoredJointRecord | undefined): boolean {
  return standing?.services.some((one) => !expected.services.includes(one)) ?? false;
}

function isSame(expected: JointRecord, standing: StoredJointRecord | undefined): boolean {
  return (
    standing?.position === expected.position &&
    standing.kind === expected.kind &&
    standing.services.join() === expected.services.join() &&
    standing.subjectId === expected.subjectId &&
    areTextsEqual(standing, expected)
  );
}
