/** Payouts: approved statements that are paid together. Owns `payout_batches`, `payout_items`. */
export { listPayouts, readPayout } from './list-payouts.ts';
export { makePayout, previewPayout } from './make-payout.ts';
export { payoutLines } from './payout-endpoints.ts';
export { payoutFormats, type PayoutBatch, type PayoutFormat } from './payout.ts';
export { readPayoutFile } from './read-payout-file.ts';
export { payPayout, releasePayout } from './settle-payout.ts';
