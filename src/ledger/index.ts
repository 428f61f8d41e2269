/**
 * Ledger: what is owed, in double entry; entries are only added, and each adds up to nothing.
 * Owns `ledger_accounts`, `ledger_entries`, `ledger_lines`.
 */
export type { EntryId, Posting } from './entry.ts';
export { postEntry } from './post-entry.ts';
export { readAgeing } from './read-ageing.ts';
export { readEntries } from './read-entries.ts';
export { readTrialBalance } from './read-trial-balance.ts';
export { reverseEntry } from './reverse-entry.ts';
