import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { plainFormOf, type PlainForm } from '../platform/plain-form.ts';
import { holdsCardNumber, mayHoldCardNumber } from './card-number-rules.ts';

/** Finds what must not leave in a finished body; undefined when it may. The text never quotes it. */
export type OutgoingCheck = (body: Buffer, wire: Record<string, unknown>) => string | undefined;

/** Without the meta-schema, which describes schemas of others: these are our own. */
const options = { strict: true, ownProperties: true, allowUnionTypes: false, meta: false } as const;
interface Compiled {
  readonly isPlainly: PlainForm | undefined;
  readonly validate: ValidateFunction;
}
const compiled = new WeakMap<Record<string, unknown>, Compiled>();

/**
 * The last line: the body is read again as its recipient will read it, must be of the form the view
 * gives, and must hold no card number in any text but ids (P19). What it alarms on was refused on
 * the way in; so an alarm is a defect, and nothing is sent. Most bodies are plainly of their form,
 * which their bytes tell; the others are parsed.
 */
export const checkOutgoing: OutgoingCheck = (body, wire) => {
  const { isPlainly, validate } = compiled.get(wire) ?? compile(wire);
  if (isPlainly?.(body) && !mayHoldCardNumber(body)) return undefined;
  const value: unknown = JSON.parse(body.toString('utf8'));
  if (!validate(value))
    return `not of the view's form at ${validate.errors?.[0]?.instancePath ?? ''}`;
  return isClean(value) ? undefined : 'a text holds a card number';
};

function compile(wire: Record<string, unknown>): Compiled {
  // Each has a validator of its own: a common one would keep every form that callers ever chose.
  const ajv = new Ajv2020({ ...options, validateSchema: false });
  const made = { isPlainly: plainFormOf(wire), validate: ajv.compile(wire) };
  compiled.set(wire, made);
  return made;
}

/** Ids are random to the reader: digits in them mean nothing. */
const pairwiseId = /^[a-z]{3}_[A-Za-z0-9_-]{22}$/;

/** The shortest card number has this many digits; most texts of a page are shorter. */
const shortest = 12;

function isClean(value: unknown): boolean {
  if (typeof value === 'string') {
    return value.length < shortest || pairwiseId.test(value) || !holdsCardNumber(value);
  }
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isClean);
}
