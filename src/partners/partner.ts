import type { RefusalKind } from '../platform/refusal.ts';
import type { PartnerKind } from '../policy/index.ts';

export type PartnerId = string & { readonly is: 'PartnerId' };

export type PartnerStatus = 'active' | 'suspended' | 'retired';

/** A third party with whom customers are shared. Its id is also its recipient id in the log. */
export interface Partner {
  readonly id: PartnerId;
  /** The operator's own short name for it: lower case letters, digits and hyphens. */
  readonly key: string;
  readonly kind: PartnerKind;
  readonly name: string;
  readonly status: PartnerStatus;
}

/** How a partner stands from the moment that this was booked. */
export interface PartnerEvent {
  readonly status: PartnerStatus;
  readonly bookedAt: Date;
  /** Who said so. */
  readonly actor: string;
  readonly reason: string | null;
}

export const UnknownPartner = {
  code: 'unknown-partner',
  status: 404,
  title: 'There is no such partner.',
} as const satisfies RefusalKind;

export const PartnerExists = {
  code: 'partner-exists',
  status: 409,
  title: 'A partner with this key exists already.',
} as const satisfies RefusalKind;

export const InvalidPartner = {
  code: 'invalid-partner',
  status: 422,
  title: 'The partner is not described as it must be.',
} as const satisfies RefusalKind;

export const InvalidAgreement = {
  code: 'invalid-agreement',
  status: 422,
  title: 'The agreement is not described as it must be.',
} as const satisfies RefusalKind;
