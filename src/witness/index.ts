/**
 * Witness: cosigns the checkpoints of logs that only grow, and how a log asks for it (C2SP
 * tlog-witness). Owns no table.
 */
export { askWitness, type Asking } from './ask-witness.ts';
export { keyLine, parseKeyLine } from './key-rules.ts';
export { openState } from './open-state.ts';
export { serveWitness } from './serve-witness.ts';
