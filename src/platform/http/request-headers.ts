import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../refusal.ts';
import { HeaderInvalid } from './kinds.ts';

/**
 * Reads one header field of a request: its text, or undefined where it is absent. What is wrong is
 * refused with `refuseHeader`.
 */
export type HeaderParser<Value> = (text: string | undefined, name: string) => Value;
export type HeaderParsers = Readonly<Record<Lowercase<string>, HeaderParser<unknown>>>;

/** What an act gets: for each declared header field what its parser made of it. */
export type HeadersOf<Parsers extends HeaderParsers> = {
  readonly [Name in keyof Parsers]: Parsers[Name] extends HeaderParser<infer Value> ? Value : never;
};

/** A whole number from 1 to 999,999,999; undefined where the field is absent. */
export function wholeNumber(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(text)) refuseHeader(name, 'must be one whole number above nothing');
  return Number(text);
}

/** Refuses a header field as 400 `header-invalid`, naming it and never its value. */
export function refuseHeader(name: string, why: string): never {
  throw new Refusal(HeaderInvalid, `The header "${name}" ${why}.`, { field: name });
}

/** Reads the declared header fields; a field that comes twice is one text with a comma. */
export function readHeaders(
  given: IncomingHttpHeaders,
  parsers: HeaderParsers,
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, parse] of Object.entries(parsers)) {
    const value = given[name];
    read[name] = parse(Array.isArray(value) ? value.join(', ') : value, name);
  }
  return read;
}
