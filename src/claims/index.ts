/**
 * Claims: what partners say that they are owed, as it came, and what was decided about it.
 * Owns `claims`, `claim_decisions`.
 */
export { findClaim, findClaims, insertDecision, lockClaims } from './claim-store.ts';
export { ClaimDecided, ClaimForgotten, ClaimInvalid, ClaimReplaced } from './claim.ts';
export { ClaimTooLong, claimMedia, longestClaim, statusOf } from './claim.ts';
export { UnknownClaim, UnknownPeriod } from './claim.ts';
export type { Claim, ClaimedLine, ClaimId, ClaimMedia, Decision } from './claim.ts';
export { forgetClaims } from './forget-claims.ts';
export { linesOf, takeClaim } from './take-claim.ts';
