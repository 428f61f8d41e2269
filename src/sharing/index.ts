/** Sharing: the one door; decides, projects and writes down what leaves. Owns no table. */
export { underDecision, type Allowed, type Tried } from './decide-for.ts';
export { disclose, type DisclosedAnswer } from './disclose.ts';
export { readableViews } from './compiled-views.ts';
export { pageOf, shareRecords } from './share-records.ts';
export { streamRecords } from './stream-records.ts';
export { CursorInvalid, sharingRefusals } from './sharing.ts';
export { sharingEndpoints } from './sharing-endpoints.ts';
