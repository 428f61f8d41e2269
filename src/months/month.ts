import type { HeldSum } from '../fees/index.ts';
import type { Period } from '../settlements/index.ts';

/** What keeps a draft from its close: the codes with which the close itself would refuse. */
export type Prevention =
  | { readonly code: 'period-open'; readonly overOn: string }
  | { readonly code: 'earlier-period-open'; readonly statement: string; readonly endsIn: string }
  | { readonly code: 'amount-too-large'; readonly statement: string };

/** A statement of the month, closed or as a close would state it now. */
export interface MonthStatement extends Period {
  readonly partnerKey: string;
  /** "2026-10.EUR" */
  readonly id: string;
  readonly currency: string;
  readonly status: 'draft' | 'closed' | 'approved' | 'paid';
  /** The payout batch that holds it; null: none does. */
  readonly batch: number | null;
  readonly reference: string | null;
  /** Of a draft; null: it can be closed. */
  readonly prevention: Prevention | null;
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly adjustedMinor: bigint;
  /** Null while another statement is closed before it: until then its amounts are before tax. */
  readonly taxMinor: bigint | null;
  readonly closingMinor: bigint;
  readonly payoutMinor: bigint;
  readonly forfeitedMinor: bigint;
  readonly carriedMinor: bigint;
  readonly lineCount: number;
  readonly adjustmentCount: number;
}

/** What all statements of one currency add up to. */
export interface MonthTotal {
  readonly currency: string;
  readonly statements: number;
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly adjustedMinor: bigint;
  readonly taxMinor: bigint;
  readonly closingMinor: bigint;
  readonly payoutMinor: bigint;
  readonly forfeitedMinor: bigint;
  readonly carriedMinor: bigint;
  readonly lineCount: number;
  readonly adjustmentCount: number;
}

/** Sign-ups that wait for a person. */
export interface HeldSignUps {
  /** Whose the rules say they were; null: nobody's. */
  readonly partnerKey: string | null;
  readonly count: number;
  readonly since: Date;
}

/** A claim that is not settled: nothing was decided about it, or it is disputed. */
export interface OpenClaim {
  readonly partnerKey: string;
  readonly claimId: string;
  readonly statement: string;
  readonly currency: string;
  readonly status: 'open' | 'disputed';
  readonly claimedMinor: bigint;
  /** Of a dispute: what was ours, and until when it is to be resolved. */
  readonly oursMinor: bigint | null;
  readonly dueOn: string | null;
  readonly isOverdue: boolean;
}

/** What customers' disputes of their payments took back, and nobody won so far. */
export interface DisputedSum {
  readonly partnerKey: string;
  readonly currency: string;
  readonly lineCount: number;
  readonly feeMinor: bigint;
}

/** What a payout batch holds of the month's statements. */
export interface MonthPayout {
  readonly batch: number;
  readonly currency: string;
  readonly status: 'open' | 'paid' | 'released';
  readonly executeOn: string;
  readonly statements: number;
  readonly amountMinor: bigint;
  readonly paidMinor: bigint;
  readonly releasedMinor: bigint;
  readonly references: readonly string[];
}

/** What an account holds over all partners asked for: debits less credits. */
export interface AccountTotal {
  readonly currency: string;
  readonly account: string;
  readonly balanceMinor: bigint;
}

/** What is owed over all partners asked for, by the days since it was posted. */
export interface OwedTotal {
  readonly currency: string;
  readonly owed: 'payable' | 'receivable';
  readonly to30Minor: bigint;
  readonly to60Minor: bigint;
  readonly to90Minor: bigint;
  readonly beyondMinor: bigint;
}

/** Finance's month: everything as one snapshot of the database has it. */
export interface FinanceMonth {
  /** YYYY-MM */
  readonly month: string;
  readonly asOf: Date;
  /** When the lines were computed that are the oldest; null: none were. */
  readonly computedAt: Date | null;
  readonly statements: readonly MonthStatement[];
  readonly totals: readonly MonthTotal[];
  readonly held: readonly (HeldSum & { readonly partnerKey: string })[];
  readonly signUps: readonly HeldSignUps[];
  readonly claims: readonly OpenClaim[];
  readonly disputed: readonly DisputedSum[];
  readonly payouts: readonly MonthPayout[];
  readonly accounts: readonly AccountTotal[];
  readonly owed: readonly OwedTotal[];
  /** By currency: whether debits and credits are the same. */
  readonly balances: readonly { readonly currency: string; readonly isBalanced: boolean }[];
}
