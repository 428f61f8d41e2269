import type { RefusalKind } from '../platform/refusal.ts';
import type { DataClass } from '../policy/index.ts';

/** A class of data, a key that leaves only as a pairwise id, or what never leaves. */
export type FieldClass = DataClass | 'reference' | 'never';

/** A node of a record type's JSON Schema, after the catalogue found nothing wrong with it. */
export type SchemaNode = ObjectNode | ListNode | LeafNode;
export interface ObjectNode {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
}
export interface ListNode {
  readonly type: 'array';
  readonly items: SchemaNode;
}
export interface LeafNode {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly format?: 'date' | 'date-time';
  readonly 'x-class': FieldClass;
  readonly 'x-refers-to'?: string;
}

/** A field of a record: `*` in its path stands for every item of a list. */
export interface Leaf {
  readonly path: readonly string[];
  readonly dataClass: FieldClass;
  /** The record type (or `person`) that a reference names. */
  readonly refersTo?: string;
}

/** A top-level part of a record: whole, it is of one class (references apart). */
export interface Member {
  readonly name: string;
  /** The class of its fields; `reference` where it holds references only. */
  readonly dataClass: FieldClass;
  readonly required: boolean;
}

export interface RecordType {
  readonly name: string;
  /** The JSON Schema (2020-12), plain data. */
  readonly schema: ObjectNode;
  /** Declared by the operator: that such a record exists is business data already. */
  readonly isBusiness: boolean;
  /** The top-level member that says when, and whether it is a calendar date or an instant. */
  readonly datedBy: { readonly member: string; readonly kind: 'date' | 'instant' } | null;
  readonly members: readonly Member[];
  readonly leaves: readonly Leaf[];
}

export interface Catalogue {
  /** By name, in alphabetical order. */
  readonly types: ReadonlyMap<string, RecordType>;
}

/** What is wrong with a record type: where in its schema (JSON Pointer), a stable code, a sentence. */
export interface CatalogueProblem {
  readonly place: string;
  readonly reason: string;
  readonly sentence: string;
  readonly promise?: 'P06';
}

export const RecordTypesRefused: RefusalKind = {
  code: 'record-types-refused',
  status: 422,
  title: 'The record types have problems.',
};
