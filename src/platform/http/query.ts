import { isDate, isInstant } from '../calendar.ts';
import { Refusal } from '../refusal.ts';
import { ParamInvalid } from './kinds.ts';

/**
 * Reads one query parameter: its text, or undefined where it is absent. What is wrong is refused
 * with `refuseParameter`.
 */
export type QueryParser<Value> = ((text: string | undefined, name: string) => Value) & {
  /** What a value is, for documents: a JSON Schema with a description. */
  readonly schema?: Readonly<Record<string, unknown>>;
};
export type QueryParsers = Readonly<Record<string, QueryParser<unknown>>>;

/** What an act gets: for each declared parameter what its parser made of it. */
export type QueryOf<Parsers extends QueryParsers> = {
  readonly [Name in keyof Parsers]: ReturnType<Parsers[Name]>;
};

const longestCursor = 500;
const longestPage = 1000;
const usualPage = 100;
const longestNames = 1000;
const fieldName = /^[A-Za-z][A-Za-z0-9_-]{0,63}(?:[.](?:[*]|[A-Za-z][A-Za-z0-9_-]{0,63}))*$/;

/** How many records a page holds: 1 to 1000, 100 where nothing is said. Refused, never clamped. */
export const limit = described(
  {
    description: 'How many records a page holds at most.',
    type: 'integer',
    minimum: 1,
    maximum: longestPage,
    default: usualPage,
  },
  (text, name): number => {
    if (text === undefined) return usualPage;
    const isNumber = /^[1-9][0-9]{0,3}$/.test(text);
    if (!isNumber || Number(text) > longestPage) {
      refuseParameter(name, 'must be a whole number from 1 to 1000');
    }
    return Number(text);
  },
);

/** Where to go on, as an earlier answer's `next` said: opaque text of 1 to 500 characters. */
export const cursor = described(
  {
    description: 'Where to go on: the `next` of the page before, asked for in the same way.',
    type: 'string',
    minLength: 1,
    maxLength: longestCursor,
  },
  (text, name): string | undefined => {
    if (text === undefined) return undefined;
    if (text === '' || text.length > longestCursor) {
      refuseParameter(name, 'must be the `next` of an earlier answer');
    }
    return text;
  },
);

/** A parameter that may be absent and otherwise matches a pattern; `what` says so to the caller. */
export function matching(pattern: RegExp, what: string): QueryParser<string | undefined> {
  return described({ description: what, type: 'string', pattern: pattern.source }, (text, name) => {
    if (text !== undefined && !pattern.test(text)) refuseParameter(name, `must be ${what}`);
    return text;
  });
}

/** A parameter that must be there and matches a pattern. */
export function required(pattern: RegExp, what: string): QueryParser<string> {
  return described({ description: what, type: 'string', pattern: pattern.source }, (text, name) => {
    if (text === undefined || !pattern.test(text)) refuseParameter(name, `must be ${what}`);
    return text;
  });
}

/** Names of fields ("total", "contact.address.city", "lines.*.amount") with commas between them. */
export const fieldNames = described(
  {
    description:
      'Which fields to show, separated by commas: names of fields or of what holds them. ' +
      'The id is always shown.',
    type: 'string',
    minLength: 1,
    maxLength: longestNames,
    examples: ['total.amount,lines'],
  },
  (text, name): readonly string[] | undefined => {
    if (text === undefined) return undefined;
    const names = text.split(',');
    if (text.length > longestNames || !names.every((one) => fieldName.test(one))) {
      refuseParameter(name, 'must be names of fields, separated by commas');
    }
    return [...new Set(names)];
  },
);

/** A calendar date, or an instant with its offset, as RFC 3339 has them. */
export const dateOrInstant = described(
  {
    description:
      'A date (2026-01-31) or an instant (2026-01-31T00:00:00Z), as the records are dated.',
    type: 'string',
    maxLength: 40,
  },
  (text, name): string | undefined => {
    if (text !== undefined && !isDate(text) && !isInstant(text)) {
      refuseParameter(name, 'must be a date (2026-01-31) or an instant (2026-01-31T00:00:00Z)');
    }
    return text;
  },
);

/** A parser that documents can describe. */
export function described<Value>(
  schema: Readonly<Record<string, unknown>>,
  parse: (text: string | undefined, name: string) => Value,
): QueryParser<Value> {
  return Object.assign(parse, { schema });
}

/** Refuses a parameter as 400 `param-invalid`, naming it and never its value. */
export function refuseParameter(name: string, why: string): never {
  throw new Refusal(ParamInvalid, `The parameter "${name}" ${why}.`, { field: name });
}

/**
 * Reads the query of a request target through the declared parsers. Throws Refusal `param-invalid`
 * for a parameter that is not declared, comes twice or cannot be decoded.
 */
export function readQuery(target: string, parsers: QueryParsers): Record<string, unknown> {
  const given = pairsOf(target, parsers);
  const query: Record<string, unknown> = {};
  for (const name of Object.keys(parsers)) {
    const parse = parsers[name];
    if (parse) query[name] = parse(given.get(name), name);
  }
  return query;
}

function pairsOf(target: string, parsers: QueryParsers): Map<string, string> {
  const given = new Map<string, string>();
  const start = target.indexOf('?');
  if (start < 0 || start === target.length - 1) return given;
  for (const pair of target.slice(start + 1).split('&')) {
    const [rawName = '', ...rest] = pair.split('=');
    const name = decoded(rawName);
    if (!Object.hasOwn(parsers, name)) refuseUnknown(name);
    if (given.has(name)) refuseParameter(name, 'is given more than once');
    given.set(name, decoded(rest.join('=')));
  }
  return given;
}

/** It is named where it may be a slip of the pen; what may be a secret or a person is not repeated. */
function refuseUnknown(name: string): never {
  if (/^[a-z_[\]-]{1,24}$/i.test(name)) {
    refuseParameter(name, 'is not known here');
  }
  throw new Refusal(ParamInvalid, 'A parameter is not known here.');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Refusal(ParamInvalid, 'The query is not valid percent-encoded UTF-8.');
  }
}

/**
 * The parameters of a path. Ids are made of unreserved characters (RFC 3986, section 2.3), so that
 * whatever else stands there is refused before any act sees it. What a wildcard takes (`*place`) are
 * several of them, with their slashes.
 */
export function readPath(params: Readonly<Record<string, unknown>>): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (parts.length > 20 || !parts.every(isId)) {
      refuseParameter(name, 'has characters that no id has');
    }
    read[name] = parts.join('/');
  }
  return read;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9._~-]{1,200}$/.test(value);
}
