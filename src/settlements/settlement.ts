import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

/** Whose role it is to close, approve and pay. */
export const finance = ['finance'] as const;

/** Which statement: of whom, for which period ("2026-10") and currency. */
export interface StatementName {
  readonly partnerId: PartnerId;
  readonly period: string;
  readonly currency: string;
}

export type SettlementStatus = 'closed' | 'approved' | 'paid';

/** What a statement adds up to, in minor units of its currency. Positive: we owe the partner. */
export interface StatementAmounts {
  /** What the statement before carried forward. */
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  /** Differences to what earlier statements stated. */
  readonly adjustedMinor: bigint;
  /** On the fees that it states; never on what it opens with. */
  readonly taxMinor: bigint;
  /** What the partner collected of our customers, and owes us. */
  readonly collectedMinor: bigint;
  /** What the partner paid us. */
  readonly remittedMinor: bigint;
  readonly closingMinor: bigint;
  /** What is paid out. */
  readonly payoutMinor: bigint;
  /** What is owed no more, as agreed. */
  readonly forfeitedMinor: bigint;
  /** What the next statement opens with. */
  readonly carriedMinor: bigint;
}

/** Who of the operator's people did something. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A statement that nothing changes any more. */
export interface ClosedStatement extends StatementName, StatementAmounts {
  /** "2026-10.EUR" */
  readonly id: string;
  /** Its place among the partner's statements of this currency, from 1. */
  readonly number: number;
  readonly status: SettlementStatus;
  /** The first day, and the first day after (YYYY-MM-DD). */
  readonly fromDay: string;
  readonly untilDay: string;
  readonly lineCount: number;
  readonly adjustmentCount: number;
  readonly agreementVersions: readonly number[];
  /** The document that the hash in the partner's log is of. */
  readonly document: Buffer;
  readonly sha256: Buffer;
  readonly closedBy: Person;
  readonly closedAt: Date;
  readonly isLogged: boolean;
  readonly approved: { readonly by: Person; readonly at: Date } | null;
  readonly paid: { readonly reference: string; readonly by: Person; readonly at: Date } | null;
}

const conflict = (code: string, title: string) => ({ code, status: 409, title }) as const;

export const UnknownStatement = {
  code: 'unknown-statement',
  status: 404,
  title: 'There is no such fee statement.',
} as const satisfies RefusalKind;

export const StatementClosed = conflict(
  'statement-closed',
  'Statements of that month are closed already, and nothing is left to close.',
);
export const NothingToClose = conflict('nothing-to-close', 'There is nothing to close.');
export const PeriodOpen = conflict('period-open', 'The period is not over yet.');
export const EarlierPeriodOpen = conflict(
  'earlier-period-open',
  'An earlier period has lines and is not closed yet: periods are closed in their order.',
);
export const AmountTooLarge = conflict(
  'amount-too-large',
  'An amount of the statement is beyond what is told exactly (2^53 − 1 minor units).',
);
export const SecondPersonNeeded = {
  code: 'second-person-needed',
  status: 403,
  title: 'Somebody else than who closed the statement approves it.',
} as const satisfies RefusalKind;
export const StatementApproved = conflict(
  'statement-approved',
  'The statement is approved already, by somebody else.',
);
export const StatementNotApproved = conflict(
  'statement-not-approved',
  'Only an approved statement is paid.',
);
export const StatementPaid = conflict(
  'statement-paid',
  'The statement is paid already, under another reference.',
);
export const NothingToPay = conflict('nothing-to-pay', 'The statement pays nothing out.');
export const InvalidReference = {
  code: 'invalid-reference',
  status: 422,
  title: 'A payment’s reference has 1 to 200 printable characters.',
} as const satisfies RefusalKind;
