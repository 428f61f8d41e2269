import type { FieldClass } from '../catalogue/index.ts';

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
