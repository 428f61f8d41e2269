/**
 * Fees: what each payment earns and each refund takes back, as exact fractions of minor units.
 * Owns the tables `fee_accruals`, `fee_computations`.
 */
export { accrue, type FeeSources } from './accrual-rules.ts';
export { findLines, findStatementLines, findStatementSums } from './accrual-store.ts';
export { UnknownFeeLine } from './accrual.ts';
export type {
  AccrualLine,
  Explanation,
  FeePayment,
  FeeRefund,
  LineId,
  NoFee,
  StatementSum,
} from './accrual.ts';
export { accrueFees, type AccrualReport } from './accrue-fees.ts';
export { explainFee } from './explain-fee.ts';
export { parseRate, percentFee, reversalDue, type Rate } from './fee-rules.ts';
export { lineText, type FeeMonth } from './line-rules.ts';
export { previewFees, type FeePreview } from './preview-fees.ts';
