/**
 * Heads: the log of logs. On each beat it takes the place of every log under one checkpoint, which
 * witnesses cosign. Owns `log_places`, `log_cosignatures`.
 */
export { secondsToNextBeat } from './beat-rules.ts';
export { findWitnessed, guardWitnesses } from './guard-witnesses.ts';
export { readHeadCheckpoint } from './read-head-checkpoint.ts';
export { readPlace, type ProvenPlace } from './read-place.ts';
export { readTrust } from './read-trust.ts';
export { runBeat } from './run-beat.ts';
export { startBeats } from './start-beats.ts';
export { takeBeat } from './take-beat.ts';
