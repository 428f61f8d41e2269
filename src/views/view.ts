import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { PromiseId } from '../policy/index.ts';
import type { FieldClass } from '../catalogue/index.ts';

/** What a partner may see: for each record type a closed JSON Schema of the fields that are shown. */
export interface View {
  readonly partnerId: PartnerId;
  readonly version: number;
  readonly document: ViewDocument;
  /** SHA-256 of the document's canonical JSON, hexadecimal. */
  readonly digest: string;
}

/** A node of a view: a node of the catalogue, or a part of one. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly additionalProperties?: false;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly maxItems?: number;
  readonly 'x-class'?: FieldClass;
  readonly 'x-refers-to'?: string;
}

/** The view as it is stored and served: every leaf spelt out, as the catalogue has it. */
export interface ViewDocument {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Readonly<Record<string, JsonSchema>>;
}

/** What is wrong with a view: the place (a JSON Pointer), why, and the promise it would break. */
export interface ViewProblem {
  readonly field: string;
  readonly detail: string;
  readonly promise?: PromiseId;
}

export const InvalidView = {
  code: 'invalid-view',
  status: 422,
  title: 'The view cannot be published.',
} as const satisfies RefusalKind;
