/** What of the notes is of use to whoever verifies with `sluice/verify`, which is this room's door. */
export {
  leafHash,
  nodeHash,
  openNote,
  parseCheckpoint,
  parsePolicy,
  parseVerifierKey,
  provesConsistency,
  provesInclusion,
  type Checkpoint,
  type OpenedNote,
  type ParsedPolicy,
  type TrustPolicy,
  type VerifierKey,
  type WitnessContact,
} from '../notes/index.ts';
