import type { Rounding } from '../platform/rounding.ts';

/** Integer minor units under the ISO 4217 code of their currency. */
export type AmountByCurrency = Readonly<Record<string, number>>;

/** A named part of a payment that a base can leave out. */
export type BasePart = 'processorFee' | 'shipping' | 'discount';

/** When a flat amount is earned. */
export type FlatEvent = 'payment' | 'activation' | 'first-payment' | 'threshold';

/** Which exact fees are added before they are rounded. */
export type RoundingLevel = 'payment' | 'customer-month' | 'partner-month';

/** What a period of statements and caps is. */
export type FeePeriod = 'month' | 'half-month' | 'quarter';

/** How a fee itself is taxed, as a line of its own on statements. */
export interface FeeTax {
  /** rate: added to the fee; reverse-charge: the recipient of the service accounts for it. */
  readonly kind: 'none' | 'rate' | 'reverse-charge';
  /** For `rate`. */
  readonly ratePercent?: string;
}

/** A tier from its lower bound on, which belongs to it. */
export interface TierStep {
  /** The month's base, by currency. */
  readonly from?: AmountByCurrency;
  /** The number of relationships active at the month's end. */
  readonly fromActive?: number;
  readonly ratePercent: string;
}

/** What a referral earns, and how it is computed, held, taken back and paid. */
export interface FeeTerms {
  /** percent: a share of payments; flat: an amount; tiers: a share by the month's volume. */
  readonly kind: 'percent' | 'flat' | 'tiers';
  /** Percent as a decimal string with at most 6 places; for `percent`. */
  readonly ratePercent?: string;
  /** Which payments earn a percentage; every payment where nothing is said. */
  readonly of?: 'every-payment' | 'first-payment';
  /** Services with a rate of their own, by key; for `percent`. */
  readonly serviceRates?: Readonly<Record<string, string>>;
  /** For `flat`. */
  readonly flat?: {
    readonly per: FlatEvent;
    readonly amounts: AmountByCurrency;
    /** What a customer's payments reach, for `threshold`. */
    readonly thresholds?: AmountByCurrency;
  };
  /** For `tiers`. */
  readonly tiers?: {
    readonly mode: 'graduated' | 'volume';
    readonly by: 'base' | 'active-relationships';
    readonly steps: readonly TierStep[];
  };
  /** What the base leaves out beside the tax. */
  readonly less?: readonly BasePart[];
  /** half-even where nothing is said. */
  readonly rounding?: Rounding;
  /** payment where nothing is said. */
  readonly roundingLevel?: RoundingLevel;
  /** ISO 4217 codes; a payment in another currency earns nothing. Amounts name each of them. */
  readonly currencies: readonly string[];
  /** Calendar months from the payment that activated the relationship; none: without end. */
  readonly durationMonths?: number;
  /** Over the life of one relationship. */
  readonly capPerCustomer?: AmountByCurrency;
  /** For all lines of the partner whose payments settled in one period. */
  readonly capPerPeriod?: AmountByCurrency;
  /** Local days from the settlement until a line becomes available. */
  readonly holdDays?: number;
  /** Available only on the last day of the month in which the hold ends. */
  readonly holdToMonthEnd?: boolean;
  /** Local days from the settlement in which a refund reverses the fee; none: always. */
  readonly clawbackDays?: number;
  /** What is less is carried forward. */
  readonly minimumPayout?: AmountByCurrency;
  /** A balance is forfeited after these months without an earned line; none: never. */
  readonly forfeitAfterMonths?: number;
  /** month where nothing is said. */
  readonly period?: FeePeriod;
  /** none where nothing is said. */
  readonly tax?: FeeTax;
  /** The clause of the contract that says so. */
  readonly termsClause?: string;
}
