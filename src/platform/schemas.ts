import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

/** Where a value does not match its schema (a JSON Pointer) and how; never the value itself. */
export interface Mismatch {
  readonly field: string;
  readonly detail: string;
}

// Without ownProperties `required: ["toString"]` is satisfied by an empty object.
const ajv = new Ajv2020({ strict: true, ownProperties: true });
addFormatsModule.default(ajv);

const validators = new Map<string, ValidateFunction>();

/** How a value breaks schemas/<name>.json (JSON Schema 2020-12): the first mismatch, or none. */
export function problemsOf(name: string, value: unknown): readonly Mismatch[] {
  const validator = validatorOf(name);
  return validator(value) ? [] : [mismatchOf(validator)];
}

/**
 * Compiles schemas/<name>.json, once. Throws where the file is absent or says something that strict
 * ajv does not know; called at start for every schema that a table names.
 */
export function validatorOf(name: string): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  const file = new URL(`../../schemas/${name}.json`, import.meta.url);
  const validator = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  validators.set(name, validator);
  return validator;
}

/** Where the value that a validator has just refused is wrong. */
function mismatchOf(validator: ValidateFunction): Mismatch {
  const [first] = validator.errors ?? [];
  return first ? describe(first) : { field: '', detail: 'The value is wrong.' };
}

function describe({ instancePath, keyword, params, message = 'is wrong' }: ErrorObject): Mismatch {
  const { additionalProperty, missingProperty } = params as Partial<Record<string, string>>;
  const named = additionalProperty ?? missingProperty;
  const field = named === undefined ? instancePath : `${instancePath}/${pointerPart(named)}`;
  if (keyword === 'additionalProperties') return { field, detail: `${field} is not known here.` };
  if (keyword === 'required') return { field, detail: `${field} is missing.` };
  return { field, detail: `${field || 'The value'} ${message}.` };
}

/** RFC 6901, section 3. */
function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
