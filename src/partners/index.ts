/** Partners: with whom we share, of which kind, and how each stands. Owns `partners`, `partner_events`, `partner_contacts`. */
export { addPartner } from './add-partner.ts';
export { bookPartnerStatus, changePartnerStatus, changeStatusIn } from './change-partner-status.ts';
export { findPartnerContacts } from './contact-store.ts';
export {
  findPartner,
  findPartnerByKey,
  findPartnerEvents,
  findPartners,
  lockPartner,
} from './partner-store.ts';
export { contactMatters, InvalidPartner, legalForms, UnknownPartner } from './partner.ts';
export type { LegalForm, Partner, PartnerEvent, PartnerId, PartnerStatus } from './partner.ts';
export { setPartnerContact } from './set-partner-contact.ts';
