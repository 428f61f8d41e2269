import type { PartnerId } from '../partners/index.ts';
import { dataClasses, type DataClass, type PartnerKind } from '../policy/index.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';

/** One record of a joint customer, cut to the widest view of the partner's kind. */
export interface JointRecord {
  readonly recipientId: PartnerId;
  readonly recordType: string;
  readonly position: string;
  readonly recordId: RecordId;
  readonly customerId: CustomerId;
  readonly kind: PartnerKind;
  /** The services whose relationships show the record, in a fixed order. */
  readonly services: readonly ServiceId[];
  /** The customer's pairwise id for this recipient. */
  readonly subjectId: string;
  /** Ids and keys, as pairwise ids. */
  readonly reference: FieldTexts;
  /** For each class the fields that are of it; a class of which there is none is absent. */
  readonly texts: Readonly<Partial<Record<DataClass, FieldTexts>>>;
}

/** By a field's path ("address.city") its name and value as they stand on the wire: `"city":"Ulm"`. */
export type FieldTexts = Readonly<Record<string, string>>;

/** What the checker found to differ between the joint records and their sources. */
export interface JointDifference {
  readonly recipientId: string;
  readonly recordType: string;
  readonly recordId: string;
  readonly difference: 'missing' | 'surplus' | 'other';
}

/** The column that holds the fields of a class. */
export function columnOf(dataClass: DataClass): string {
  return dataClass.replace('.', '_');
}

/** Whether two records hold the same text for every field. */
export function areTextsEqual(one: JointRecord, other: JointRecord): boolean {
  return (
    areEqual(one.reference, other.reference) &&
    dataClasses.every((dataClass) => areEqual(one.texts[dataClass], other.texts[dataClass]))
  );
}

function areEqual(one: FieldTexts = {}, other: FieldTexts = {}): boolean {
  const paths = Object.keys(one);
  return (
    paths.length === Object.keys(other).length && paths.every((path) => one[path] === other[path])
  );
}
