/**
 * Attribution: whose a sign-up is, by rules and evidence, or by two persons. Owns `attributions`,
 * `attribution_decisions`.
 */
export { attributionChange } from './attribution-change.ts';
export { attributionLines } from './attribution-endpoints.ts';
export { attributionStatuses, type AttributionStatus } from './attribution.ts';
export { proposeAttribution } from './propose-attribution.ts';
export { listAttributions, readAttribution, type ToldAttribution } from './read-attributions.ts';
