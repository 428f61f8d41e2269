/**
 * Transfers: what partners collected for us and what they remitted to us, booked once and stated once.
 * Owns `transfers`, `stated_transfers`.
 */
export { bookCollection } from './book-collection.ts';
export { bookRemittance } from './book-remittance.ts';
export { listRemittances, type Remittance } from './list-remittances.ts';
export { transferLines } from './transfer-endpoints.ts';
export { findTransfersDue, hasStatedTransfers } from './transfer-store.ts';
export { stateTransfers, sumTransfersDue } from './transfer-store.ts';
export type { DueTransfers } from './transfer-store.ts';
