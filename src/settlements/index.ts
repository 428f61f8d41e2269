/**
 * Settlements: statements from their close, over approval by a second person, to payment.
 * Owns `closed_statements`, `closed_lines`, `closed_pages`, `logged_statements`,
 * `approved_statements`, `paid_statements`, `agreed_adjustments`.
 */
export { closeStatements, type CloseReport } from './close-statements.ts';
export { findClosedLines, findDueAdjustments } from './closing-store.ts';
export { findLineDays, findNetsBefore, findStatementsOfLine, sumDue } from './closing-store.ts';
export type { DueAdjustment, LineOnStatement, LineSums } from './closing-store.ts';
export { cutLineText, isShownInFull, moneyOf, shownLine } from './fee-wire-rules.ts';
export { statedOnWire, withheldLine } from './fee-wire-rules.ts';
export type { Money } from './fee-wire-rules.ts';
export { logStatement } from './log-statement.ts';
export { periodAt, periodHolding, periodKindAt, periodNamed } from './period-rules.ts';
export { statementIdOf, statementNamed, versionOn, zoneAt } from './period-rules.ts';
export type { Period } from './period-rules.ts';
export { findClosedStatement, findClosedStatements, findKeptLines } from './settlement-store.ts';
export { insertAgreedAdjustment } from './settlement-store.ts';
export { lockStatement } from './settlement-store.ts';
export { settle, statedBy, taxesOf, type StatementDocument } from './document-rules.ts';
export { finance, UnknownStatement } from './settlement.ts';
export type { ClosedStatement, StatementName } from './settlement.ts';
export { approveStatement, payStatement, payStatementIn } from './settle-statement.ts';
