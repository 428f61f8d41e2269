/** Catalogue: the record types, each field with its class, proven when it is read. Owns no table. */
export { compileShape } from './compile-shape.ts';
export { catalogueOf, readCatalogue } from './read-catalogue.ts';
export type { Catalogue, FieldClass, RecordType, SchemaNode } from './record-type.ts';
