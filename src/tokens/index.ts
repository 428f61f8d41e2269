/** Tokens: how partners prove who they are. Owns the tables `clients`, `client_secrets`, `tokens`. */
export { addClient } from './add-client.ts';
export { findClients } from './client-store.ts';
export { issueToken } from './issue-token.ts';
export { revokeClient } from './revoke-client.ts';
export { rotateClientSecret } from './rotate-client-secret.ts';
export { metadataEndpoints, tokenEndpoints } from './token-endpoints.ts';
export { PartnerSuspended } from './token.ts';
export type { Caller } from './token.ts';
export { verifyToken } from './verify-token.ts';
