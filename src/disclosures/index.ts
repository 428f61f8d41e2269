/** Disclosures: the tamper-evident log. So far its tree arithmetic (RFC 6962). Owns no table yet. */
export { inclusionPath, leafHash, nodeHash, rootOf } from './tree-rules.ts';
