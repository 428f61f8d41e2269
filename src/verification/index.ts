/**
 * Verification: proves what the log says, in any place with Web Crypto; it knows nothing else of
 * Sluice. The door is `sluice/verify`, so it shows what of the notes is needed too. Owns no table.
 */
export { leafHash, nodeHash, openNote, parseCheckpoint, parsePolicy } from '../notes/index.ts';
export { parseVerifierKey, provesConsistency, provesInclusion } from '../notes/index.ts';
export { type Checkpoint, type OpenedNote, type ParsedPolicy } from '../notes/index.ts';
export { type TrustPolicy, type VerifierKey, type WitnessContact } from '../notes/index.ts';
export { type Subject } from './entry-rules.ts';
export { type GivenTrust, type Witness } from './trust-rules.ts';
export { verifyAccounting, type GivenAccounting } from './verify-accounting.ts';
export { type AccountedLog, type AccountingVerdict } from './verify-accounting.ts';
export { verifyProof, type GivenProof, type ProofVerdict } from './verify-proof.ts';
export { verifyTiles, type ReadTile, type TilesVerdict } from './verify-tiles.ts';
