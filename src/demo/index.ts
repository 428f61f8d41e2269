/** Demo: a made-up company with customers, partners and months of business. Owns no table. */
export { guideOf } from './guide-rules.ts';
export { prepareDemo, type PreparedDemo } from './prepare-demo.ts';
