/** Publication: what of the log is published: keys, checkpoints, tiles, proofs. Owns no table. */
export { logKeys } from './log-keys.ts';
export { proveDisclosure, readCheckpoint, readCheckpoints } from './prove-disclosure.ts';
export { logEndpoints, proofEndpoints } from './publication-endpoints.ts';
