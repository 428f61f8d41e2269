/** Offers: the next version of a view on its way, alone or by a second person. Owns no table. */
export { diffOffer } from './diff-offer.ts';
export { offerView, type Outcome } from './offer-view.ts';
export { viewPublication } from './view-publication.ts';
