/** Terms: the terms of service in versions, and which partner accepted which. Owns `terms_versions`, `terms_acceptances`. */
export { acceptTerms } from './accept-terms.ts';
export { publishTerms } from './publish-terms.ts';
export { termsInForce } from './terms-rules.ts';
export { findTermsAcceptances, findTermsStanding, findTermsVersions } from './terms-store.ts';
export { InvalidTerms, TermsAccepted, UnknownTerms } from './terms.ts';
export type { TermsAcceptance, TermsVersion } from './terms.ts';
