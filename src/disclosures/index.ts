/** Disclosures: what leaves, written down before it leaves; each recipient reads its own. Owns no table. */
export { appendDisclosure } from './append-disclosure.ts';
export type { Appended, Disclosure, DisclosedSubject } from './disclosure.ts';
export { keptSalts } from './entry-rules.ts';
export { disclosureEndpoints } from './disclosure-endpoints.ts';
export { readEvidence, readEvidenceAt, type Evidence } from './read-evidence.ts';
export { findDisclosureOwner, listDisclosures, readDisclosure } from './read-disclosures.ts';
