/**
 * Fees: the lines of what payments earned and refunds took back, computed, stored and explained.
 * Owns the tables `fee_accruals`, `fee_computations`.
 */
export { findLines, findLinesById, findLinesOfDays } from './accrual-store.ts';
export { findHalfMonthSums, findLinesAbout, holdLines } from './accrual-store.ts';
export type { AccrualLine, LineId, HalfMonthSum, NoFee } from './accrual.ts';
export { accrueFees } from './accrue-fees.ts';
export { compareFees, type FeeComparison } from './compare-fees.ts';
export { explainFee, lineIdOf } from './explain-fee.ts';
export { findComputedAt, findHeldLineIds, findReversals, sumHeldLines } from './held-store.ts';
export type { HeldSum, OfMonth, ReversalLine } from './held-store.ts';
export { lineText, type FeeMonth } from './line-rules.ts';
export { previewFees } from './preview-fees.ts';
