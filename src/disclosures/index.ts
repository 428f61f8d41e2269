/**
 * Disclosures: the tamper-evident log. Owns `log_heads`, `log_counters`, `log_subjects`, `log_nodes`,
 * `disclosure_entries`, `disclosure_secrets`, `disclosure_subjects`. Others read the epoch by its SQL function log_epoch.
 */
export { appendDisclosure, checkLog, closeLogWriter } from './append-disclosure.ts';
export {
  type Appended,
  type Disclosure,
  type DisclosedSubject,
  type LogHead,
  type PageFilters,
  UnknownLog,
} from './disclosure.ts';
export { disclosureEndpoints } from './disclosure-endpoints.ts';
export { findEntries, findNodes } from './entry-store.ts';
export { findHead, findHeads, numberSubjects, raiseEpoch, readEpoch } from './log-store.ts';
export { openLog } from './open-log.ts';
export { readEvidence, type Evidence } from './read-evidence.ts';
export { findDisclosureOwner, listDisclosures, readDisclosure } from './read-disclosures.ts';
