/**
 * Billing: which partner bills our invoices to whom, and what it says became of them.
 * Owns `billing_modes`, `collection_reports`.
 */
export { billingLines } from './billing-endpoints.ts';
export { billingModes } from './billing.ts';
export { changeMode } from './change-mode.ts';
export { collectionEndpoints } from './collection-endpoints.ts';
export { takeBillBack } from './report-collection.ts';
export { listModeChanges, listReports, readBill } from './read-bills.ts';
