/** Statements: what a partner reads of its fees, line by line and month by month. Owns no table. */
export { draftStatement } from './draft-statement.ts';
export { statementEndpoints } from './statement-endpoints.ts';
