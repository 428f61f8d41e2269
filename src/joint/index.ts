/** Joint records: what each partner may at most see, kept ready. Owns `joint_records`, `joint_closures`. */
export { checkJoint } from './check-joint.ts';
export { mendJoint } from './mend-joint.ts';
export { columnOf, type JointRecord } from './joint.ts';
export { pairwiseOf, type Pairwise } from './pairwise-rules.ts';
export { refreshJoint, refreshOrClose } from './refresh-joint.ts';
export { sweepClosures } from './sweep-closures.ts';
