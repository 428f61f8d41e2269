import type { Rounding } from '../platform/rounding.ts';
import type { DataClass, Purpose } from '../policy/index.ts';
import type { PartnerId } from './partner.ts';

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
}
