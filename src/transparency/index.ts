/** Transparency: trees, checkpoints and proofs as published (RFC 6962, C2SP); pure. Owns no table. */
export { cosign, cosigner, findCosignature, parseCosignerKey } from './cosignature-rules.ts';
export { disclosureId, entryIdOf } from './entry-id-rules.ts';
export {
  checkpointText,
  fromBase64,
  isKeyName,
  noteSigner,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  proofFileText,
  proofText,
  signNote,
  splitNote,
  wholeNumber,
  type Checkpoint,
  type NoteSigner,
  type NoteVerifier,
} from './note-rules.ts';
export { placeRoot } from './place-root-rules.ts';
export { placeOf, placeSalt, placeTree, type PlacedLog, type PlaceTree } from './place-rules.ts';
export {
  entryBundle,
  hasTile,
  nodesOfTile,
  parseTilePath,
  readBundle,
  tilePathOf,
  tilesOf,
  type TilePlace,
} from './tile-rules.ts';
export {
  appendLeaves,
  consistencyFromTiles,
  consistencyPath,
  inclusionPath,
  leafHash,
  nodeHash,
  pathFromTiles,
  rootFromTiles,
  rootOf,
  rootOfFrontier,
  tilesFor,
  type Tile,
  type TreeNode,
} from './tree-rules.ts';
