/**
 * Fees: what each payment earns and each refund takes back, as exact fractions of minor units.
 * Owns the tables `fee_accruals`, `fee_computations`.
 */
export { accrue, type FeeSources } from './accrual-rules.ts';
export { findLines, findLinesById, findStatementLines } from './accrual-store.ts';
export { findStatementSums, holdLines } from './accrual-store.ts';
export type { AccrualLine, FeePayment, FeeRefund, LineId, NoFee, StatementSum } from './accrual.ts';
export { accrueFees } from './accrue-fees.ts';
export { explainFee } from './explain-fee.ts';
export { parseRate, percentFee, reversalDue } from './fee-rules.ts';
export { lineText, type FeeMonth } from './line-rules.ts';
export { previewFees } from './preview-fees.ts';
