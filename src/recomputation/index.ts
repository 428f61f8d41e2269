/**
 * Recomputation: the fees of a partner once more, by a calculation that knows nothing of ours and
 * reads what the partner API sent alone; it runs in browsers. Owns no table.
 */
export type { GivenStatement, Received } from './given.ts';
export { recomputeFees, type FeeVerdict } from './recompute-fees.ts';
export { receiveFees, type AskApi } from './receive-fees.ts';
