/** Fees: what a referral earns, as exact fractions of minor units. Owns no table yet. */
export { parseRate, percentFee, reversalDue, type Rate } from './fee-rules.ts';
