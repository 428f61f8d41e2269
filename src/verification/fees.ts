/** Fees, recomputed: they are a room of their own, which knows nothing else of Sluice either. */
export { receiveFees, recomputeFees, type AskApi } from '../recomputation/index.ts';
export { type FeeVerdict, type Received } from '../recomputation/index.ts';
