/** Postings: the subject index of each log turned round, from a customer to the entries that show it. Owns `log_postings`. */
export { erasePostings } from './erase-postings.ts';
export { findShown } from './find-shown.ts';
export { indexSubjects } from './index-subjects.ts';
export { lockSubjects } from './posting-store.ts';
