import type { RefusalKind } from '../platform/refusal.ts';
import type { Rounding } from '../platform/rounding.ts';
import type { DataClass, Purpose } from '../policy/index.ts';
import type { PartnerId } from '../partners/index.ts';

/** What a referral earns: a percentage of every payment less its tax. */
export interface FeeTerms {
  readonly kind: 'percent';
  /** Percent as a decimal string with at most 6 places. */
  readonly ratePercent: string;
  readonly rounding: Rounding;
  /** ISO 4217 codes; a payment in another currency earns nothing. */
  readonly currencies: readonly string[];
  /** Calendar months from the payment that activated the relationship; none: without end. */
  readonly durationMonths?: number;
  /** Local days from the settlement in which a refund reverses the fee; none: always. */
  readonly clawbackDays?: number;
  /** Local days from the settlement until a line becomes available. */
  readonly holdDays?: number;
  /** Minor units by currency: a balance below is carried forward. */
  readonly minimumPayout?: Readonly<Record<string, number>>;
  /** A balance is forfeited after these months without an earned line; none: never. */
  readonly forfeitAfterMonths?: number;
  /** month where nothing is said. */
  readonly period?: 'month' | 'half-month' | 'quarter';
}

/** What was agreed with a partner: it can only narrow what the policy allows its kind. */
export interface AgreementTerms {
  /** payable: we owe the partner fees; receivable: the partner owes us. */
  readonly direction: 'payable' | 'receivable';
  readonly classes: readonly DataClass[];
  readonly purposes: readonly Purpose[];
  /** Keys of services, or all of them. */
  readonly services: 'all' | readonly string[];
  /** IANA zone in which the days of this agreement begin and end. */
  readonly timeZone: string;
  /** Clauses of the terms that allow e-mail addresses (P07) or additional details (P06). */
  readonly termsClauses: Readonly<Partial<Record<'email' | 'additional', string>>>;
  readonly fee?: FeeTerms;
}

/** One version of an agreement, in force on local days validFrom ≤ day < validUntil. */
export interface AgreementVersion {
  readonly partnerId: PartnerId;
  readonly version: number;
  readonly validFrom: string;
  readonly validUntil: string | null;
  /** When it was said; what came before cannot have known of it. */
  readonly publishedAt: Date;
  readonly terms: AgreementTerms;
  /** What ends it before its time, said by either side; null: nothing. */
  readonly retirement: Pick<Retirement, 'saidAt' | 'endsAt'> | null;
}

/** The two sides of an agreement. */
export type Side = 'operator' | 'partner';

/** Who accepted a version for a side, and what shows it. */
export interface Acceptance {
  readonly side: Side;
  readonly by: string;
  readonly evidence: string;
}

/** That a side ends what was agreed. */
export interface Retirement {
  /** The last version that there was: it ends, and all before it. */
  readonly version: number;
  readonly side: Side;
  readonly saidAt: Date;
  /** No version said before is in force from then on. */
  readonly endsAt: Date;
  readonly by: string;
  readonly reason: string;
}

/** Terms that the operator offers and the partner may accept; nothing is in force by an offer. */
export interface AgreementOffer {
  readonly partnerId: PartnerId;
  readonly number: number;
  readonly validFrom: string;
  readonly terms: AgreementTerms;
  readonly offeredAt: Date;
  readonly offeredBy: string;
  readonly outcome: 'open' | 'accepted' | 'declined' | 'withdrawn';
}

export const InvalidAgreement = {
  code: 'invalid-agreement',
  status: 422,
  title: 'The agreement is not described as it must be.',
} as const satisfies RefusalKind;

export const NoAgreement = {
  code: 'no-agreement',
  status: 409,
  title: 'No agreement is in force or to come.',
} as const satisfies RefusalKind;

export const UnknownOffer = {
  code: 'unknown-offer',
  status: 404,
  title: 'There is no such offer of an agreement.',
} as const satisfies RefusalKind;

export const OfferDecided = {
  code: 'offer-decided',
  status: 409,
  title: 'The offer was accepted, declined or withdrawn already.',
} as const satisfies RefusalKind;
