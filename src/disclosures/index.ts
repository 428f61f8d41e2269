/**
 * Disclosures: the tamper-evident log. Owns `log_heads`, `log_counters`, `log_subjects`, `log_nodes`,
 * `disclosure_entries`, `disclosure_secrets`, `disclosure_subjects`. Others read the epoch by its SQL function log_epoch.
 */
export { appendDisclosure, checkLog, closeLogWriter } from './append-disclosure.ts';
export {
  type Appended,
  type Disclosure,
  type DisclosedSubject,
  type PageFilters,
} from './disclosure.ts';
export { disclosureEndpoints, logEndpoints } from './disclosure-endpoints.ts';
export { numberSubjects, raiseEpoch, readEpoch } from './log-store.ts';
export { openLog } from './open-log.ts';
export { logKeys, proveDisclosure, readCheckpoint, readCheckpoints } from './prove-disclosure.ts';
export { readEvidence, type Evidence } from './read-evidence.ts';
export { findDisclosureOwner, listDisclosures, readDisclosure } from './read-disclosures.ts';
