/** Policy: the privacy policy as data, its promises, classes and purposes. Owns no table. */
export { judgeCoverage } from './coverage-rules.ts';
export type { CoverageSources, PromiseCoverage } from './coverage.ts';
export {
  classesFor,
  classesOfKind,
  promiseAgainst,
  promiseOfMissingClause,
} from './policy-rules.ts';
export { dataClasses, partnerKinds, purposes } from './policy.ts';
export type { DataClass, PartnerKind, Policy, PromiseId, Purpose } from './policy.ts';
export { readCoverage } from './read-coverage.ts';
export { readPolicy } from './read-policy.ts';
