/** Policy: the privacy policy as data, in versions that are announced first. Owns `policy_versions`, `policy_activations`. */
export { activatePolicy } from './activate-policy.ts';
export { announcePolicy, checkPolicy } from './announce-policy.ts';
export { installPolicy, isPolicyInstalled } from './install-policy.ts';
export { policyEndpoints } from './policy-endpoints.ts';
export {
  asReadAt,
  classesFor,
  classesOfKind,
  policyInForce,
  promiseAgainst,
  promiseOfMissingClause,
  promisesFor,
} from './policy-rules.ts';
export { findPolicyVersions } from './policy-store.ts';
export { dataClasses, partnerKinds, purposes, UnknownPolicyVersion } from './policy.ts';
export type {
  DataClass,
  PartnerKind,
  Policy,
  PolicyVersion,
  PromiseId,
  Purpose,
} from './policy.ts';
export { readPolicy } from './read-policy.ts';
export { showPolicy, showPolicyVersion, showPolicyVersions } from './show-policy.ts';
export type { ShownVersion } from './show-policy.ts';
