/** Sharing: the one door; decides, projects and writes down what leaves. Owns no table. */
export { classesOf } from './compiled-views.ts';
export { cursorContext } from './context-rules.ts';
export { underDecision, type Allowed, type Tried } from './decide-for.ts';
export { disclose, type DisclosedAnswer } from './disclose.ts';
export { shareRecords } from './share-records.ts';
export { decideSharing } from './sharing-rules.ts';
export { CursorInvalid, NoAgreement, NoPolicy, NoView, ViewNotServed } from './sharing.ts';
export type { Decision, Denial, Grant } from './sharing.ts';
export { streamRecords } from './stream-records.ts';
export { sharingEndpoints } from './sharing-endpoints.ts';
