/** Acceptance: what a partner itself says of terms and agreements. Owns no table. */
export { acceptanceEndpoints, publicTermsEndpoints } from './acceptance-endpoints.ts';
