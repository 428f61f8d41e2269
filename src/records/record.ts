import type { RefusalKind } from '../platform/refusal.ts';
import { uuidOf } from '../platform/uuid.ts';

export type CustomerId = string & { readonly is: 'CustomerId' };
export type ServiceId = string & { readonly is: 'ServiceId' };
export type RecordId = string & { readonly is: 'RecordId' };

/** The internal id of a record follows from its type and the source's key. */
export function recordIdOf(type: string, key: string): RecordId {
  return uuidOf('record', type, key) as RecordId;
}
export function customerIdOf(key: string): CustomerId {
  return uuidOf('record', 'customer', key) as CustomerId;
}
export function serviceIdOf(key: string): ServiceId {
  return uuidOf('record', 'service', key) as ServiceId;
}
/** Contact persons have keys of their own within their customer. */
export function personIdOf(customerKey: string, personKey: string): string {
  return uuidOf('person', customerKey, personKey);
}

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Why a record is not taken: where (JSON Pointer), a stable code, and a sentence without the value. */
export interface RecordProblem {
  readonly field: string;
  readonly reason: string;
  readonly sentence: string;
  readonly promise?: 'P10' | 'P19';
}

/** A record that the catalogue found nothing wrong with. */
export interface CheckedRecord {
  readonly type: string;
  /** The source's key: the record's `id`. */
  readonly key: string;
  readonly recordId: RecordId;
  /** Null for a service only. */
  readonly customerId: CustomerId | null;
  readonly serviceId: ServiceId | null;
  /** The invoice a payment names, the payment a refund names. */
  readonly settles: { readonly type: 'invoice' | 'payment'; readonly recordId: RecordId } | null;
  readonly currency: string | null;
  /** Minor units of a payment or a refund. */
  readonly amountMinor: bigint | null;
  /** ISO 8601 with offset, cut to microseconds. */
  readonly datedAt: string | null;
  readonly datedOn: string | null;
  readonly body: JsonObject;
}

/** A version of a record as we hold it: the current one, or the one that held at some time. */
export interface HeldRecord {
  readonly customerId: CustomerId;
  readonly type: string;
  readonly recordId: RecordId;
  /** The source's key. */
  readonly key: string;
  readonly serviceId: ServiceId | null;
  readonly datedAt: Date | null;
  /** YYYY-MM-DD */
  readonly datedOn: string | null;
  readonly body: JsonObject;
  readonly validFrom: Date;
  readonly validTo: Date | null;
}

export interface Service {
  readonly id: ServiceId;
  readonly key: string;
  readonly code: string;
  readonly name: string;
}

export const UnknownCustomer = {
  code: 'unknown-customer',
  status: 404,
  title: 'No customer with this key is among the records.',
} as const satisfies RefusalKind;

/** What became of a record: stored as a first or a further version, found equal, or not taken. */
export type StoredOutcome =
  | { readonly outcome: 'new' | 'changed' | 'unchanged' }
  | { readonly outcome: 'refused'; readonly problem: RecordProblem };
