/**
 * Verification: proves what the log says and recomputes fees, in any place with Web Crypto; it knows
 * nothing else of Sluice. Its door is `sluice/verify`. Owns no table.
 */
export { receiveFees, recomputeFees, type AskApi } from './fees.ts';
export { type FeeVerdict, type Received } from './fees.ts';
export { leafHash, nodeHash, openNote, parseCheckpoint, parsePolicy } from './formats.ts';
export { parseVerifierKey, provesConsistency, provesInclusion } from './formats.ts';
export { type Checkpoint, type OpenedNote, type ParsedPolicy } from './formats.ts';
export { type TrustPolicy, type VerifierKey, type WitnessContact } from './formats.ts';
export { type Subject } from './entry-rules.ts';
export { type GivenTrust, type Witness } from './trust-rules.ts';
export { verifyAccounting, type GivenAccounting } from './verify-accounting.ts';
export { type AccountedLog, type AccountingVerdict } from './verify-accounting.ts';
export { verifyProof, type GivenProof, type ProofVerdict } from './verify-proof.ts';
export { verifyTiles, type ReadTile, type TilesVerdict } from './verify-tiles.ts';
