/** Signatures: what clients sign to prove who they are, each good once. Owns the table `used_jtis`. */
export { readAssertion, verifyAssertion } from './assertion-rules.ts';
export type { ClaimedAssertion, HeldAssertion } from './assertion-rules.ts';
export { readCertificates, type ClientCertificate } from './certificate-rules.ts';
export { checkProof, isFirstUse, nextNonce, readProof } from './check-proof.ts';
export { useJti } from './jti-store.ts';
export {
  keyOf,
  readKeySet,
  signingAlgorithms,
  type ClientKey,
  type PublicJwk,
} from './key-rules.ts';
export { proofAlgorithms } from './proof-rules.ts';
