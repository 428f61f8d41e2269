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
