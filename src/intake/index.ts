/** Intake: what comes in, one transaction from the fact to the joint record. Owns no table. */
export { changeRelationship, relateCustomer } from './change-relationship.ts';
export { takeRecords, type OfferedRecord, type Taken, type TakenProblem } from './take-records.ts';
