/**
 * Archive: entries of old months in files, and entries wherever they are; makes the partitions of the
 * log. Owns `log_exports`, `log_archived_ids`.
 */
export { countUnplaced } from './archive-store.ts';
export { detachEntries } from './detach-entries.ts';
export { exportLogs } from './export-logs.ts';
export { findEntries, findEntry, findEvidence, findEvidenceAt, findNodes } from './find-entries.ts';
export { makePartitions, startPartitions } from './make-partitions.ts';
