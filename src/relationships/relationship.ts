import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { PartnerKind } from '../policy/index.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';

export type RelationshipId = string & { readonly is: 'RelationshipId' };

/** A half-open stretch of time: from ≤ t < until; until null: it is open still. */
export interface OpenPart {
  readonly from: Date;
  readonly until: Date | null;
}

/** A customer of both: the ground on which anything may be shared at all. */
export interface Relationship {
  readonly id: RelationshipId;
  readonly partnerId: PartnerId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly kind: PartnerKind;
  /** The partner's own reference for the customer, where it gave one. */
  readonly reference: string | null;
  readonly attributedAt: Date;
  /** The settlement of the payment that made the customer a paying one. */
  readonly activatedAt: Date | null;
  readonly endedAt: Date | null;
  /** The record interval: what lies outside is never visible, even after opting in again. */
  readonly openParts: readonly OpenPart[];
  readonly isActive: boolean;
}

export const eventKinds = [
  'attributed',
  'activated',
  'connected',
  'disconnected',
  'suspended',
  'resumed',
  'opted-out',
  'opted-in',
  'sharing-refused',
  'sharing-allowed',
  'ended',
] as const;
export type RelationshipEventKind = (typeof eventKinds)[number];

/** One entry of the shared-customer ledger. */
export interface RelationshipEvent {
  readonly event: RelationshipEventKind;
  /** When it holds. Null only for `activated`: the payment behind it is no longer there. */
  readonly at: Date | null;
  readonly evidence: string;
  readonly actor: string;
  readonly bookedAt: Date;
}

export const AlreadyReferred = {
  code: 'already-referred',
  status: 409,
  title: 'The customer has a relationship of this kind for this service already.',
} as const satisfies RefusalKind;

export const UnknownRelationship = {
  code: 'unknown-relationship',
  status: 404,
  title: 'There is no such relationship.',
} as const satisfies RefusalKind;

export const InvalidEvent = {
  code: 'invalid-relationship-event',
  status: 422,
  title: 'This cannot happen to the relationship now.',
} as const satisfies RefusalKind;
