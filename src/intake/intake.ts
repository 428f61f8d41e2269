import type { Partner } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';

/** What is said of a partner's relationship with a customer about a service. */
export interface RelationshipChange {
  readonly partner: Partner;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly at: Date;
  readonly evidence: string;
  readonly actor: string;
}

export const UnknownService = {
  code: 'unknown-service',
  status: 404,
  title: 'No service with this key is among the records.',
} as const satisfies RefusalKind;

export const UnknownRecordType = {
  code: 'unknown-record-type',
  status: 404,
  title: 'The catalogue has no such record type.',
} as const satisfies RefusalKind;

export const InvalidBatch = {
  code: 'batch-invalid',
  status: 422,
  title: 'The body is not a list of records as it must be.',
} as const satisfies RefusalKind;

export const RecordRejected = {
  code: 'record-rejected',
  status: 422,
  title: 'The record is not taken.',
} as const satisfies RefusalKind;
