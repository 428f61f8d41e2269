/** Reconciliation: a partner's claim compared with our statement, line by line. Owns no table. */
export { compareClaim, compareClaimIn, type Reconciliation } from './compare-claim.ts';
export { differenceOf, outcomes, totalsOf } from './reconciliation.ts';
export type { Outcome, Row } from './reconciliation.ts';
