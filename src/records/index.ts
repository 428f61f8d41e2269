/**
 * Records: what we hold of customers, by class, every version.
 * Owns the tables `customers`, `services`, `records`.
 */
export { holdsCardNumber, mayHoldCardNumber } from './card-number-rules.ts';
export { acceptRecord, checkRecord } from './check-record.ts';
export {
  findCustomerIds,
  findCustomerKeys,
  isKnownCustomer,
  lockCustomers,
} from './customer-store.ts';
export { checkOutgoing, type OutgoingCheck } from './outgoing-rules.ts';
export { findRefundsOf, findSettledPayments } from './payment-store.ts';
export {
  findCurrentRecords,
  findRecordsAt,
  findRecordVersion,
  findRecordVersions,
} from './record-store.ts';
export { customerIdOf, personIdOf, recordIdOf, serviceIdOf, UnknownCustomer } from './record.ts';
export type {
  CheckedRecord,
  CustomerId,
  HeldRecord,
  JsonObject,
  RecordId,
  RecordProblem,
  ServiceId,
} from './record.ts';
export { findService, findServiceByKey, findServices } from './service-store.ts';
export { storeRecords } from './store-records.ts';
