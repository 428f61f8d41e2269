/** Reconciliation: claims of partners beside our statements, line by line. Owns no table. */
export { claimEndpoints } from './claim-endpoints.ts';
