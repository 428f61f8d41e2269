/** Agreements: what was agreed with partners, in versions that both sides accepted. Owns `agreement_versions`, `agreement_acceptances`, `agreement_retirements`, `agreement_offers`. */
export {
  agreementInForce,
  agreementsAsReadAt,
  agreementsKnownAt,
  classesAgreed,
  serviceIsCovered,
} from './agreement-rules.ts';
export { findAcceptances, findAgreementVersions } from './agreement-store.ts';
export { InvalidAgreement, NoAgreement, OfferDecided, UnknownOffer } from './agreement.ts';
export type { AgreementOffer, AgreementTerms, AgreementVersion } from './agreement.ts';
export { acceptOffer, declineOffer } from './decide-offer.ts';
export { feeText, fieldsRead, problemsOfFee } from './fee-terms-rules.ts';
export type { BasePart, FeeTerms } from './fee.ts';
export { offerAgreement } from './offer-agreement.ts';
export { findOffers } from './offer-store.ts';
export { checkAgreement, publishAgreement, type TermsProof } from './publish-agreement.ts';
export { retireAgreement, retireIn } from './retire-agreement.ts';
