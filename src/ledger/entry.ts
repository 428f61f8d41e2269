import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

export type EntryId = string & { readonly is: 'EntryId' };

/** The accounts that each partner has in each currency. */
export const accounts = [
  'referral-expense',
  'partner-payable',
  'referral-income',
  'partner-receivable',
  'fee-tax',
  'collections',
  'remittances',
  'clearing',
] as const;
export type Account = (typeof accounts)[number];

/** An entry to post: what it comes of, and what it moves; amounts of zero are left out. */
export interface Posting {
  readonly partnerId: PartnerId;
  readonly currency: string;
  /** What it comes of; one source posts once. */
  readonly source: string;
  /** Positive: a debit; negative: a credit. They add up to nothing. */
  readonly lines: Readonly<Partial<Record<Account, bigint>>>;
}

/** What an account of one partner and currency holds: debits less credits. */
export interface AccountBalance {
  readonly partnerKey: string;
  readonly currency: string;
  readonly account: Account;
  readonly balanceMinor: bigint;
}

/** A line of the journal: what an entry moved on one account. */
export interface PostedLine {
  readonly partnerId: PartnerId;
  readonly partnerKey: string;
  readonly entryId: EntryId;
  readonly bookedAt: Date;
  readonly source: string;
  readonly account: Account;
  /** Positive: a debit; negative: a credit. */
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reversesEntryId: EntryId | null;
}

export const EntryConflict = {
  code: 'entry-conflict',
  status: 409,
  title: 'The same source has posted something else.',
} as const satisfies RefusalKind;

export const UnknownEntry = {
  code: 'unknown-entry',
  status: 404,
  title: 'There is no such entry in the ledger.',
} as const satisfies RefusalKind;
