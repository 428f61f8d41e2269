import type { LineId } from '../fees/index.ts';
import type { CustomerId, RecordId } from '../records/index.ts';

/** How a row of a reconciliation ends. */
export const outcomes = [
  'matched',
  'amount-differs',
  'timing',
  'duplicate',
  'not-claimed',
  'not-matched',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Why our rules come to another amount than the partner. */
export const reasons = [
  // The fee stands on a statement, and comes to something else.
  'refunded',
  'capped',
  'adjusted',
  'rounding',
  'currency-not-agreed',
  'refund-currency-differs',
  'computed-otherwise',
  // It stands on another statement.
  'held',
  'other-period',
  'other-currency',
  // Nothing was earned.
  'before-activation',
  'not-active',
  'no-agreement',
  'service-not-agreed',
  'nothing-left',
  'after-duration',
  'no-fee-agreed',
  'no-payment',
] as const;
export type Reason = (typeof reasons)[number];

/** A claimed line, whose names are turned into ours as far as who compares may see them. */
export interface NamedLine {
  readonly line: number;
  readonly amountMinor: bigint;
  /** Null beside no payment: it names nobody. */
  readonly customerId: CustomerId | null;
  readonly paymentId: RecordId | null;
}

/** A fee line, as far as who compares may see it. */
export interface OwnLine {
  readonly lineId: LineId;
  /** Null: of whom and what it is, is not to be seen. */
  readonly customerId: CustomerId | null;
  readonly paymentId: RecordId | null;
  readonly kind: 'accrual' | 'reversal' | 'claim';
  readonly isAdjustment: boolean;
  readonly amountMinor: bigint;
  /** By how much a cap cut it. */
  readonly cutMinor: bigint;
  readonly because: 'currency-not-agreed' | 'refund-currency-differs' | null;
}

/** A fee line that stands elsewhere. */
export interface OtherLine extends OwnLine {
  readonly customerId: CustomerId;
  readonly paymentId: RecordId;
  readonly currency: string;
  /** The month in which it came about. */
  readonly month: string;
  readonly availableOn: string;
}

/** What became of claimed lines and of lines of ours, which belong together. */
export interface Row {
  readonly outcome: Outcome;
  readonly reason: Reason | null;
  /** The claimed lines, by their numbers. */
  readonly claimed: readonly number[];
  readonly claimedMinor: bigint;
  readonly ours: readonly LineId[];
  readonly oursMinor: bigint;
  /** Of whom something is told. */
  readonly customerIds: readonly CustomerId[];
  /** From which day on it stands on a statement, where that is another one. */
  readonly availableOn: string | null;
}

/** What both sides of a reconciliation come to: ours and the differences are theirs. */
export interface Totals {
  readonly claimedMinor: bigint;
  readonly oursMinor: bigint;
  readonly differenceMinor: bigint;
}

/** The sums of rows. */
export function totalsOf(rows: readonly Row[]): Totals {
  const claimedMinor = rows.reduce((sum, row) => sum + row.claimedMinor, 0n);
  const oursMinor = rows.reduce((sum, row) => sum + row.oursMinor, 0n);
  const differenceMinor = rows.reduce((sum, row) => sum + differenceOf(row), 0n);
  return { claimedMinor, oursMinor, differenceMinor };
}

/** What is claimed beyond ours. */
export function differenceOf({ claimedMinor, oursMinor }: Row): bigint {
  return claimedMinor - oursMinor;
}
