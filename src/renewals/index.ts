/**
 * Renewals: what was published of the head log is kept outside the database; logs that were rolled
 * back go on under new names. Owns no table.
 */
export { findLost, guardRollback, type Lost } from './guard-rollback.ts';
export { keep, LogRollback, readKept } from './kept-checkpoint.ts';
export { renewLogs } from './renew-logs.ts';
