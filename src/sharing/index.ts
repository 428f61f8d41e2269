/** Sharing: the one door; decides, projects and writes down what leaves. Owns no table. */
export { underDecision, type Allowed, type Tried } from './decide-for.ts';
export { disclose, type DisclosedAnswer } from './disclose.ts';
export { classesOf, narrowedFor, readableViews } from './compiled-views.ts';
export { readSingle } from './page-store.ts';
export { filterOf, firstPosition, pageOf, shareRecords, underType } from './share-records.ts';
export { streamRecords } from './stream-records.ts';
export { cursorContext, decideSharing } from './sharing-rules.ts';
export {
  ClassNotShared,
  CursorInvalid,
  NoAgreement,
  NoPolicy,
  NoView,
  sharingRefusals,
  ViewNotServed,
} from './sharing.ts';
export type { Decision, Denial, Grant } from './sharing.ts';
export { lists, sharingEndpoints, viewHeader } from './sharing-endpoints.ts';
