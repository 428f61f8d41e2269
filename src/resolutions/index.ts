/** Resolutions: what partner and finance are shown of a claim, and what finance decides. Owns no table. */
export { claimEndpoints } from './claim-endpoints.ts';
export { acceptOurs, acceptTheirs, claimAcceptance, disputeClaim } from './decide-claim.ts';
export { claimNamed, listClaims, showClaim, type ShownClaim } from './list-claims.ts';
export { printReport, reportFormats, type ReportFormat } from './print-report.ts';
export { claimOnDesk } from './wire-rules.ts';
export { resolutionLines } from './resolution-endpoints.ts';
