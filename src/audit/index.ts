/** Audit: proves the log without the code that writes it. Owns no table; reads those of the log. */
export { verifyLog, type LogAudit, type LogFinding } from './verify-log.ts';
