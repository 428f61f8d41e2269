import type { PartnerId } from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { PromotionId } from '../promotions/index.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';
import type { RelationshipId } from '../relationships/index.ts';

export type AttributionId = string & { readonly is: 'AttributionId' };

/** The id that a caller sent; undefined where it has not the form of one. */
export function attributionIdOf(text: string): AttributionId | undefined {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isUuid ? (text as AttributionId) : undefined;
}

/**
 * Attributed: it is a partner's. Direct: it is nobody's. Held: a person and a second one decide.
 * Refused: the customer does not want to be shared (P32).
 */
export const attributionStatuses = ['attributed', 'held', 'direct', 'refused'] as const;
export type AttributionStatus = (typeof attributionStatuses)[number];

/** Why it was decided so. */
export const findings = [
  'privacy-control',
  'no-cookie',
  'unreadable-cookie',
  'no-click-counts',
  'opted-out',
  'two-claimants',
  'self-referral',
  'existing-customer',
  'too-many-clicks',
  'relationship-refused',
  'entered-by-hand',
] as const;
export type Finding = (typeof findings)[number];

/** Why a click did not count. */
export type ClickFault =
  | 'unknown-promotion'
  | 'partner-retired'
  | 'another-service'
  | 'not-in-force'
  | 'after-sign-up'
  | 'too-old'
  | 'opted-out';

/** By what a customer and a partner look like one and the same. */
export type Likeness = 'same-address' | 'same-domain' | 'same-name';

/** One promotion's clicks in the session of a sign-up. */
export interface WeighedClick {
  readonly promotionId: PromotionId;
  /** Null: no promotion has this id. */
  readonly partnerId: PartnerId | null;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Null: it counts. */
  readonly fault: ClickFault | null;
  /** By what its partner looks like the customer. */
  readonly likeness: Likeness | null;
}

/** What a decision rests on: ids, instants and codes, and nothing of who the customer is. */
export interface Evidence {
  readonly clicks: readonly WeighedClick[];
  /** Since when we knew of the customer, had a payment of it, and a relationship with it. */
  readonly knownSince: Date | null;
  readonly firstPaidAt: Date | null;
  readonly firstRelatedAt: Date | null;
}

/** What was decided about one customer's sign-up for a service. */
export interface Attribution {
  readonly id: AttributionId;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly signUpId: string | null;
  readonly signedUpAt: Date;
  readonly status: AttributionStatus;
  /** Whose it is; while it is held, whose the rules say it were. */
  readonly partnerId: PartnerId | null;
  readonly relationshipId: RelationshipId | null;
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
  readonly ruleVersion: number;
  readonly toldBy: string;
  readonly decidedAt: Date;
  /** What two persons decided about it once it was held. */
  readonly decision: {
    readonly proposedBy: StaffId;
    readonly approvedBy: StaffId;
    readonly reason: string;
    readonly decidedAt: Date;
  } | null;
}

export const UnknownAttribution = {
  code: 'unknown-attribution',
  status: 404,
  title: 'There is no such attribution.',
} as const satisfies RefusalKind;

export const InvalidSignUp = {
  code: 'invalid-sign-up',
  status: 422,
  title: 'The sign-up is not described as it must be.',
} as const satisfies RefusalKind;

export const SignUpDiffers = {
  code: 'sign-up-differs',
  status: 409,
  title: 'This sign-up was told before, in another way: another one needs an id of its own.',
} as const satisfies RefusalKind;

export const AttributionDecided = {
  code: 'attribution-decided',
  status: 409,
  title: 'The attribution is not held: it is decided already.',
} as const satisfies RefusalKind;

export const AttributionHeld = {
  code: 'attribution-held',
  status: 409,
  title: 'A sign-up of this customer for this service is held already: decide about that one.',
} as const satisfies RefusalKind;

export const InvalidAttribution = {
  code: 'invalid-attribution',
  status: 422,
  title: 'What is proposed about an attribution is not described as it must be.',
} as const satisfies RefusalKind;
