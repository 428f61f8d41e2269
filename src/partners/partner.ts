import type { RefusalKind } from '../platform/refusal.ts';
import type { PartnerKind } from '../policy/index.ts';

export type PartnerId = string & { readonly is: 'PartnerId' };

/** Invited: it has accepted no terms yet, and gets no token (P04). */
export type PartnerStatus = 'invited' | 'active' | 'suspended' | 'retired';

export const legalForms = ['company', 'individual'] as const;
export type LegalForm = (typeof legalForms)[number];

/** What a contact of a partner is for. */
export const contactMatters = ['business', 'privacy', 'technical', 'finance'] as const;
export type ContactMatter = (typeof contactMatters)[number];

/** Whom to turn to at a partner in a matter. */
export interface PartnerContact {
  readonly matter: ContactMatter;
  readonly name: string;
  readonly email: string;
  readonly since: Date;
}

/** A third party with whom customers are shared. Its id is also its recipient id in the log. */
export interface Partner {
  readonly id: PartnerId;
  /** The operator's own short name for it: lower case letters, digits and hyphens. */
  readonly key: string;
  readonly kind: PartnerKind;
  readonly name: string;
  readonly status: PartnerStatus;
  /** A person may be a partner as well as a company. */
  readonly legalForm: LegalForm;
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
