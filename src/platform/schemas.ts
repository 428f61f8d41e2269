import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { ownSchemas } from './own-schemas.ts';

/** Where a value does not match its schema (a JSON Pointer) and how; never the value itself. */
export interface Mismatch {
  readonly field: string;
  readonly detail: string;
}

// Without ownProperties `required: ["toString"]` is satisfied by an empty object. `verbose` hands
// over the schema that was broken; the value, which it hands over too, is never told.
const options = { ...ownSchemas, ownProperties: true, verbose: true };
const first = withFormats(new Ajv2020(options));
const every = withFormats(new Ajv2020({ ...options, allErrors: true }));

const validators = new Map<string, ValidateFunction>();

/** How a value breaks schemas/<name>.json (JSON Schema 2020-12): the first mismatch, or none. */
export function problemsOf(name: string, value: unknown): readonly Mismatch[] {
  const validator = validatorOf(name);
  return validator(value) ? [] : [mismatchOf(validator)];
}

/** Every way in which a value breaks schemas/<name>.json; for documents of people we trust to be small. */
export function allProblemsOf(name: string, value: unknown): readonly Mismatch[] {
  const validator = every.getSchema(name) ?? every.compile(readSchema(name));
  if (validator(value) === true) return [];
  const errors = validator.errors ?? [];
  const forms = errors.filter(({ keyword }) => keyword === 'anyOf').map((one) => one.schemaPath);
  // What is wrong with each of several forms says less than that it is none of them.
  return errors
    .filter(({ schemaPath }) => !forms.some((form) => schemaPath.startsWith(`${form}/`)))
    .map(describe);
}

/**
 * Compiles schemas/<name>.json, once. Throws where the file is absent or says something that strict
 * ajv does not know; called at start for every schema that a table names.
 */
export function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  const validator = first.compile(readSchema(name));
  validators.set(name, validator);
  return validator;
}

/** The document schemas/<name>.json. */
export function readSchema(name: string): object {
  const file = new URL(`../../schemas/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}

function withFormats(ajv: Ajv2020): Ajv2020 {
  addFormatsModule.default(ajv);
  return ajv;
}

/** Where the value that a validator has just refused is wrong. */
function mismatchOf(validator: ValidateFunction): Mismatch {
  const [error] = validator.errors ?? [];
  return error ? describe(error) : { field: '', detail: 'The value is wrong.' };
}

function describe(error: ErrorObject): Mismatch {
  const { instancePath, keyword, params } = error;
  const { additionalProperty, missingProperty } = params as Partial<Record<string, string>>;
  const named = additionalProperty ?? missingProperty;
  const field = named === undefined ? instancePath : `${instancePath}/${pointerPart(named)}`;
  if (keyword === 'additionalProperties') return { field, detail: `${field} is not known here.` };
  if (keyword === 'required') return { field, detail: `${field} is missing.` };
  return { field, detail: `${field || 'The value'} ${demandOf(error)}.` };
}

/** What the schema asks for, in words. A schema's `title` and `examples` say it best. */
function demandOf({ keyword, schema, parentSchema, message = 'is wrong' }: ErrorObject): string {
  const { title, examples } = (parentSchema ?? {}) as { title?: string; examples?: unknown[] };
  const example = examples?.[0] === undefined ? undefined : JSON.stringify(examples[0]);
  if (example !== undefined && (keyword === 'pattern' || keyword === 'type')) {
    return title === undefined
      ? `must be such as ${example}`
      : `must be ${title} such as ${example}`;
  }
  if (keyword === 'enum') return `must be one of ${(schema as unknown[]).map(String).join(', ')}`;
  if (keyword === 'const') return `must be ${JSON.stringify(schema)}`;
  if (keyword === 'pattern') return `must be written like the pattern ${String(schema)}`;
  if (keyword !== 'anyOf') return message;
  return `must be ${(schema as Record<string, unknown>[]).map(formOf).join(' or ')}`;
}

function formOf({ const: only, enum: some, type }: Record<string, unknown>): string {
  if (only !== undefined) return JSON.stringify(only);
  return Array.isArray(some) ? `one of ${some.join(', ')}` : `of the type ${String(type)}`;
}

/** RFC 6901, section 3. */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
