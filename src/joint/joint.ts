import type { PartnerId } from '../partners/index.ts';
import { dataClasses, type DataClass, type PartnerKind } from '../policy/index.ts';
import type { CustomerId, RecordId } from '../records/index.ts';

/** One record of a joint customer, cut to the widest view of the partner's kind. */
export interface JointRecord {
  readonly recipientId: PartnerId;
  readonly recordType: string;
  readonly position: string;
  readonly recordId: RecordId;
  readonly customerId: CustomerId;
  readonly kind: PartnerKind;
  /** The customer's pairwise id for this recipient. */
  readonly subjectId: string;
  /** Members of ids and keys, as pairwise ids: `"id":"inv_…","customer":"cus_…"`. */
  readonly reference: string;
  /** For each class the members that are of it, as JSON text joined by commas. */
  readonly texts: Readonly<Partial<Record<DataClass, string>>>;
}

/** What the checker found to differ between the joint records and their sources. */
export interface JointDifference {
  readonly recipientId: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly difference: 'missing' | 'surplus' | 'other';
}

/** The column that holds the text of a class. */
export function columnOf(dataClass: DataClass): string {
  return dataClass.replace('.', '_');
}

/** Whether two records hold the same text for every class. */
export function dataClassesEqual(one: JointRecord['texts'], other: JointRecord['texts']): boolean {
  return dataClasses.every((dataClass) => one[dataClass] === other[dataClass]);
}
