/** Partners: with whom we share, of which kind, under which agreement. Owns `partners`, `partner_events`, `agreement_versions`. */
export { addPartner } from './add-partner.ts';
export {
  agreementInForce,
  agreementsAsReadAt,
  agreementsKnownAt,
  classesAgreed,
  serviceIsCovered,
} from './agreement-rules.ts';
export type { AgreementTerms, AgreementVersion, FeeTerms } from './agreement.ts';
export { changePartnerStatus } from './change-partner-status.ts';
export {
  findAgreementVersions,
  findPartner,
  findPartnerByKey,
  findPartnerEvents,
  findPartners,
  lockPartner,
} from './partner-store.ts';
export { InvalidPartner, UnknownPartner } from './partner.ts';
export type { Partner, PartnerEvent, PartnerId, PartnerStatus } from './partner.ts';
export { checkAgreement, publishAgreement } from './publish-agreement.ts';
