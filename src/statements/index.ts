/** Statements: what a partner reads of its fees, line by line and month by month. Owns no table. */
export { draftStatement, draftStatements } from './draft-statement.ts';
export { isEvidenceShown } from './disclose-lines.ts';
export { feeQuestion, nextOf, pageAfter } from './fee-page.ts';
export { statementEndpoints } from './statement-endpoints.ts';
export type { StatementTotals } from './statement.ts';
