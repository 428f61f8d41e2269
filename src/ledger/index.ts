/**
 * Ledger: what is owed, in double entry; entries are only added, and each adds up to nothing. Owns
 * `ledger_accounts`, `ledger_entries`, `ledger_lines`.
 */
export { readAgeing, type AgedBalance } from './read-ageing.ts';
export { readTrialBalance, type TrialBalance } from './read-trial-balance.ts';
export { accounts, EntryConflict, UnknownEntry } from './entry.ts';
export type { Account, AccountBalance, EntryId, Posting } from './entry.ts';
export { postEntry } from './post-entry.ts';
export { reverseEntry } from './reverse-entry.ts';
