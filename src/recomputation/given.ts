/** Integer minor units of an ISO 4217 currency, as the partner API sends them. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}
/** A number of minor units of an amount; none is nothing. */
export const minorOf = (money: Money | undefined): bigint => BigInt(money?.amount ?? 0);

type ByCurrency = Readonly<Record<string, number>>;

/** A payment of `/v1/payments`: what the calculation reads of it. */
export interface GivenPayment {
  readonly id: string;
  readonly customer: string;
  readonly service: string;
  readonly settledAt: string;
  readonly amount: Money;
  readonly tax?: Money;
  readonly parts?: Readonly<Record<string, Money>>;
}

/** A refund, dispute or credit of `/v1/refunds`. */
export interface GivenRefund {
  readonly id: string;
  readonly customer: string;
  readonly service: string;
  readonly payment?: string;
  readonly refundedAt: string;
  readonly kind: string;
  readonly wonAt?: string;
  readonly amount: Money;
  readonly tax?: Money;
}

/** What a fee is, as `/v1/agreements` tells it. */
export interface GivenFee {
  readonly kind: 'percent' | 'flat' | 'tiers';
  readonly ratePercent?: string;
  readonly of?: 'every-payment' | 'first-payment';
  readonly serviceRates?: Readonly<Record<string, string>>;
  readonly flat?: {
    readonly per: 'payment' | 'activation' | 'first-payment' | 'threshold';
    readonly amounts: ByCurrency;
    readonly thresholds?: ByCurrency;
  };
  readonly tiers?: {
    readonly mode: 'graduated' | 'volume';
    readonly by: 'base' | 'active-relationships';
    readonly steps: readonly {
      readonly from?: ByCurrency;
      readonly fromActive?: number;
      readonly ratePercent: string;
    }[];
  };
  readonly less?: readonly string[];
  readonly rounding?: 'half-even' | 'half-up' | 'down';
  readonly roundingLevel?: 'payment' | 'customer-month' | 'partner-month';
  readonly currencies: readonly string[];
  readonly durationMonths?: number;
  readonly capPerCustomer?: ByCurrency;
  readonly capPerPeriod?: ByCurrency;
  readonly period?: 'month' | 'half-month' | 'quarter';
  readonly holdDays?: number;
  readonly holdToMonthEnd?: boolean;
  readonly clawbackDays?: number;
  readonly minimumPayout?: ByCurrency;
  readonly forfeitAfterMonths?: number;
  readonly tax?: {
    readonly kind: 'none' | 'rate' | 'reverse-charge';
    readonly ratePercent?: string;
  };
}

/** A version of the agreement, of `/v1/agreements`. */
export interface GivenAgreement {
  readonly version: number;
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly endsAt: string | null;
  readonly terms: {
    readonly direction: 'payable' | 'receivable';
    readonly services: 'all' | readonly string[];
    readonly timeZone: string;
    readonly fee?: GivenFee;
  };
}

/** A line of a statement: whole where its records are the partner's to see, else its amount alone. */
export interface GivenLine {
  readonly id: string;
  readonly reason: string;
  readonly amount: Money;
  readonly adjustment?: string;
  readonly payment?: string;
  readonly refund?: string;
  readonly ratePercent?: string | null;
  readonly agreementVersion?: number;
  readonly availableOn?: string;
  /** Of a line that is cut: SHA-256 of its text as it stood. */
  readonly sha256?: string;
}

/** A tax on what the lines of one agreement version add up to on a statement. */
export interface GivenTax {
  readonly agreementVersion: number;
  readonly kind: string;
  readonly ratePercent?: string;
  readonly net: Money;
  readonly tax: Money;
}

/** A closed statement with all of its lines, of `/v1/fees/statements/{id}`. */
export interface GivenStatement {
  readonly id: string;
  readonly currency: string;
  /** Local days, half open. */
  readonly period: { readonly from: string; readonly until: string };
  readonly opening: Money;
  readonly accrued: Money;
  readonly reversed: Money;
  readonly adjusted: Money;
  /** Where something on it is taxed. */
  readonly tax?: Money;
  readonly taxes?: readonly GivenTax[];
  /** Where it has transfers: what the partner collected for the operator, and what it remitted. */
  readonly collected?: Money;
  readonly remitted?: Money;
  readonly closing: Money;
  readonly payout: Money;
  readonly forfeited: Money;
  readonly carriedForward: Money;
  readonly agreementVersions: readonly number[];
  readonly lines: readonly GivenLine[];
}

/** Everything that a partner recomputes from: nothing but what the partner API sent it. */
export interface Received {
  readonly agreements: readonly GivenAgreement[];
  /** The key by which agreements name a service, by its id in the records. */
  readonly serviceKeys: Readonly<Record<string, string>>;
  readonly payments: readonly GivenPayment[];
  readonly refunds: readonly GivenRefund[];
  /** All that are closed of one currency, each one after the other. */
  readonly statements: readonly GivenStatement[];
}
