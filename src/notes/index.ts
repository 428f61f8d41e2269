/**
 * Notes: signed notes, trees, tiles and trust policies (RFC 9162, C2SP) as whoever verifies reads
 * them, in any place with Web Crypto; it knows nothing else of Sluice. Owns no table.
 */
export { fromBase64, fromBase64Url, isSame, joined, textOf } from './encoding-rules.ts';
export { u64, utf8, wholeNumber } from './encoding-rules.ts';
export { keyNamed, parseVerifierKey, type VerifierKey } from './key-rules.ts';
export { claimedCheckpoint, openNote, parseCheckpoint } from './note-rules.ts';
export { type Checkpoint, type OpenedNote } from './note-rules.ts';
export { parsePolicy, type ParsedPolicy, type TrustPolicy } from './policy-rules.ts';
export { type WitnessContact } from './policy-rules.ts';
export { entriesOfBundle, hashesOfTile, tilePath, tileWidth } from './tile-rules.ts';
export { leafHash, nodeHash, peaksOf, rootOfPeaks, sha256 } from './tree-rules.ts';
export { provesConsistency, provesInclusion } from './tree-rules.ts';
