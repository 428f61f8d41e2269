/**
 * Completeness: whom each log's entries show, day by day, so that nobody can leave one out.
 * Owns `log_secrets`, `log_erased_leaves`.
 */
export { digestDay, findDigests } from './digest-day.ts';
export { keepErased } from './keep-erased.ts';
export { readSecret, showDay } from './show-day.ts';
export { startDigests } from './start-digests.ts';
export type { PlacedLeaf } from './tree-rules.ts';
