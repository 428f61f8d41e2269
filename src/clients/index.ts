/** Clients: the credentials of partners' programs. Owns `clients`, `client_secrets`, `client_keys`, `client_certificates`. */
export { addClient } from './add-client.ts';
export { authenticateClient } from './authenticate-client.ts';
export { isServedFrom } from './client-rules.ts';
export { findClients, lockClient, updateClientStatus } from './client-store.ts';
export { authMethods, hashOf, UnknownClient } from './client.ts';
export { rotateClientCertificates } from './rotate-client-certificates.ts';
export { rotateClientKeys } from './rotate-client-keys.ts';
export { rotateClientSecret } from './rotate-client-secret.ts';
export { setClientNetworks } from './set-client-networks.ts';
