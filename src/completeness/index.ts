/**
 * Completeness: whom each log's entries show, day by day, so that nobody can leave one out. Owns
 * `log_secrets`, `log_postings`, `log_erased_leaves`.
 */
export { digestDay, findDigests } from './digest-day.ts';
export type { PlacedLeaf } from './tree-rules.ts';
export { eraseShown } from './erase-shown.ts';
export { findShown } from './find-shown.ts';
export { indexSubjects } from './index-subjects.ts';
export { lockSubjects } from './posting-store.ts';
export { readSecret, showDay } from './show-day.ts';
export { startDigests } from './start-digests.ts';
