/**
 * Logs: one append-only tree of entries for each recipient, its head and its epoch. Owns `log_heads`,
 * `log_counters`, `log_subjects`, `log_nodes`, `disclosure_entries`, `disclosure_secrets`,
 * `disclosure_subjects`. Others read the epoch by its SQL function log_epoch.
 */
export { appendEvent, lockLog } from './append-event.ts';
export type { ComposedEntry, EpochChanged, LoggedEntry, PageFilters } from './entry.ts';
export type { LoggedEvidence, StoredEntry } from './entry.ts';
export {
  findCustomersOfNumbers,
  findStoredEntries,
  findStoredEntry,
  findStoredEvidence,
  findStoredNodes,
} from './entry-store.ts';
export { composeEvent, isEvent } from './event-rules.ts';
export { findHead, findHeads, raiseEpoch, readEpoch } from './head-store.ts';
export { headLog, UnknownLog, type LogHead } from './log.ts';
export { numberSubjects } from './number-store.ts';
export { openHeadLog, openLog } from './open-log.ts';
export { headSigner, logSigner, signCheckpoint, signHead } from './sign-checkpoint.ts';
export { checkLog, closeLogWriter, writeEntry } from './write-entry.ts';
