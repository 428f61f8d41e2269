/** Coverage: what keeps each promise and what proves it, found in the sources. Owns no table. */
export { countsOf, judgeCoverage } from './coverage-rules.ts';
export type { CoverageSources, PromiseCoverage } from './coverage.ts';
export { readCoverage } from './read-coverage.ts';
