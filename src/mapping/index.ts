/** Mapping: which records the rows of a source become, as its mapping file says. Owns no table. */
export { prepareMapping, readMapping, type ReadyMapping } from './read-mapping.ts';
export { faultOfTax, filesOf, formatOf } from './mapping-rules.ts';
export {
  FileMissing,
  MappingInvalid,
  type KeyOrder,
  type Mapping,
  type RecordMapping,
  type RowFile,
} from './mapping.ts';
export type { Joined, Row } from './row.ts';
