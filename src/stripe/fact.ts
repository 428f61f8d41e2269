/**
 * What a verified event says of payments, in our words: ids, amounts and instants, nobody's name. All
 * amounts are minor units as ISO 4217 has them.
 */
export type Fact = InvoiceFact | LinkFact | ReturnFact | CustomerFact;

/** A paid invoice, already placed: one part for each service in it. */
export interface InvoiceFact {
  readonly kind: 'invoice';
  readonly invoice: string;
  /** The source's key of the customer among our records. */
  readonly customer: string;
  readonly currency: string;
  readonly settledAt: string;
  readonly parts: readonly InvoicePart[];
}

export interface InvoicePart {
  readonly service: string;
  readonly amount: number;
  /** Both are contained in the amount; discounts are off it already. */
  readonly tax: number;
  readonly shipping: number;
}

/** Which charges and payment intents paid an invoice. */
export interface LinkFact {
  readonly kind: 'link';
  readonly invoice: string;
  readonly paidBy: readonly string[];
}

/** What went back: a refund, a dispute, or what a credit note gave back beside the processor. */
export interface ReturnFact {
  readonly kind: 'refund' | 'dispute' | 'credit';
  readonly id: string;
  /** The invoice, or the charge and the payment intent, that it is about. */
  readonly about: readonly string[];
  readonly currency: string;
  readonly amount: number;
  readonly at: string;
  /** Whether money is gone: not of a refund that failed, an inquiry, a credit note that was voided. */
  readonly counts: boolean;
  readonly isWon: boolean;
}

/** Under which key of ours the processor's customer stands. */
export interface CustomerFact {
  readonly kind: 'customer';
  readonly id: string;
  readonly key: string;
}

/** Why an event makes no record; `waits` where something that comes later can change that. */
export interface Obstacle {
  readonly waits: boolean;
  /** Stable, kebab-case. */
  readonly reason: string;
}
