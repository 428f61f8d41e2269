/** Payees: where partners are paid, named by two persons. Owns `payees`. */
export { listPayees } from './list-payees.ts';
export { payeeChange } from './payee-change.ts';
export { payeeLines } from './payee-endpoints.ts';
export { findPayees } from './payee-store.ts';
export type { Payee } from './payee.ts';
export { proposePayee } from './propose-payee.ts';
