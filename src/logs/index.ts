/**
 * Logs: one append-only tree of entries for each recipient, its head and its epoch. Owns `log_heads`,
 * `log_counters`, `log_subjects`, `log_nodes`, `disclosure_entries`, `disclosure_secrets`,
 * `disclosure_subjects`, `log_renewals`. Others read the epoch by its SQL function log_epoch.
 */
export { appendEvent, lockLog } from './append-event.ts';
export type { ComposedEntry, EpochChanged, KeptEntry, LoggedEntry } from './log.ts';
export type { PageFilters, StoredEntry, StoredKeptEntry } from './log.ts';
export { findStoredEntries, findStoredEntry, findStoredNodes } from './entry-store.ts';
export { findStoredEvidence, findStoredEvidenceAt } from './entry-store.ts';
export { composeEvent, isEvent } from './event-rules.ts';
export {
  findFirstOrigin,
  findFormerOrigins,
  findHead,
  findHeads,
  findLogIds,
  isRenewed,
  raiseEpoch,
  readEpoch,
} from './head-store.ts';
export { headLog, UnknownLog, type LogHead } from './log.ts';
export { findCustomersOfNumbers, findNumbersOfCustomer } from './number-store.ts';
export { findSubjects, numberSubjects } from './number-store.ts';
export { emptyHead, openHeadLog, openLog } from './open-log.ts';
export { renewLog } from './renew-log.ts';
export { hostOf, signCheckpoint, signersOf, signHead } from './sign-checkpoint.ts';
export { checkLog, closeLogWriter, refuseEntries, writeEntry } from './write-entry.ts';
