/** Tokens: how partners prove who they are. Owns the table `tokens`. */
export { issueToken } from './issue-token.ts';
export { revokeClient } from './revoke-client.ts';
export { metadataEndpoints, tokenEndpoints } from './token-endpoints.ts';
export { findTokenPurposes } from './token-store.ts';
export { PartnerSuspended, scopes } from './token.ts';
export type { Caller } from './token.ts';
export { verifyBoundToken } from './verify-bound-token.ts';
export { verifyToken } from './verify-token.ts';
