/**
 * Completeness: whom each log's entries show, day by day, so that nobody can leave one out. Owns
 * `log_secrets`, `log_postings`, `log_erased_leaves`.
 */
export { digestDay } from './digest-day.ts';
export { findShown } from './find-shown.ts';
export { indexSubjects } from './index-subjects.ts';
export { startDigests } from './start-digests.ts';
