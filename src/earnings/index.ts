/** Earnings: what payments earn and refunds take back by the fee terms of an agreement. Owns no table. */
export { accrue, accrueEach, inOrder, type FeeSources } from './accrual-rules.ts';
export type { AccrualLine, Explanation, FeePayment, FeeRefund, LineId, NoFee } from './accrual.ts';
export { whyNoEarning } from './earning-rules.ts';
export { exactFee, roundExact } from './fee-rules.ts';
export { countsWholePartner } from './nominal-rules.ts';
