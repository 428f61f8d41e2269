/** Contract: what a partner can ask and in which form it is answered, as documents. Owns no table. */
export type { Api } from './api.ts';
export { withContract } from './contract-endpoints.ts';
