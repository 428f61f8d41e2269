/** Accounting: what was disclosed of one person, to whom, and that this is all. Owns no table. */
export { disclosuresOf, type Disclosed } from './list-disclosed.ts';
export { eraseFromLogs } from './erase-from-logs.ts';
export { drawAccounting } from './draw-accounting.ts';
