/** Loading: files of NDJSON and CSV read through a mapping and taken in. Owns no table. */
export { loadRecords } from './load-records.ts';
export type { FileReport, LoadReport, Rejection } from './report.ts';
