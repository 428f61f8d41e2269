/** Clients: the credentials of partners' programs. Owns `clients`, `client_secrets`. */
export { addClient } from './add-client.ts';
export { authenticateClient } from './authenticate-client.ts';
export { findClients, lockClient, updateClientStatus } from './client-store.ts';
export { hashOf, UnknownClient } from './client.ts';
export { rotateClientSecret } from './rotate-client-secret.ts';
