/**
 * Verification: proves what the log says, in any place with Web Crypto; it knows nothing else of
 * Sluice. Owns no table.
 */
export { type Subject } from './entry-rules.ts';
export { parseVerifierKey, type VerifierKey } from './key-rules.ts';
export { openNote, parseCheckpoint, type Checkpoint, type OpenedNote } from './note-rules.ts';
export { parsePolicy, type ParsedPolicy, type TrustPolicy } from './policy-rules.ts';
export { provesConsistency, provesInclusion, leafHash, nodeHash } from './tree-rules.ts';
export { type GivenTrust, type Witness } from './trust-rules.ts';
export { verifyProof, type GivenProof, type ProofVerdict } from './verify-proof.ts';
export { verifyTiles, type ReadTile, type TilesVerdict } from './verify-tiles.ts';
