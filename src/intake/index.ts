/** Intake: what comes in, one transaction from the fact to the joint record. Owns no table. */
export { changeRelationship } from './change-relationship.ts';
export { UnknownService } from './intake.ts';
export { relateCustomer, relateCustomerIn } from './relate-customer.ts';
export { recordLines } from './record-endpoints.ts';
export { retirePartner } from './retire-partner.ts';
export { setChoice } from './set-choice.ts';
export { takeRecords, takeRecordsIn, type OfferedRecord, type Taken } from './take-records.ts';
