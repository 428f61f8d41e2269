/** Witness: cosigns the checkpoints of logs that only grow, and how a log asks for it (C2SP tlog-witness). Owns no table. */
export { addCheckpoint, type Witness } from './add-checkpoint.ts';
export { askWitness, type Asked, type Asking, type KnownWitness } from './ask-witness.ts';
export { keyLine, parseKeyLine } from './key-rules.ts';
export { openState } from './open-state.ts';
export { serveWitness } from './serve-witness.ts';
