import { Refusal, type RefusalKind } from './refusal.ts';

export interface JsonLimits {
  readonly maxBytes: number;
  /** Levels of lists and objects, the outermost counted; 32 unless said. */
  readonly maxDepth?: number;
  /** Members of any one object; 1,000 unless said. */
  readonly maxProperties?: number;
  /** Numbers with a fraction or an exponent are taken too; money never needs them. */
  readonly allowDecimals?: boolean;
}

const kind = (code: string, title: string, status: RefusalKind['status'] = 400): RefusalKind => ({
  code,
  status,
  title,
});
export const MalformedJson = kind('malformed-json', 'The text is not JSON.');
export const NotUtf8 = kind('not-utf8', 'The bytes are not UTF-8.');
export const ByteOrderMark = kind('byte-order-mark', 'JSON begins without a byte order mark.');
export const TooLarge = kind('too-large', 'The JSON text is too large.', 413);
export const TooDeep = kind('too-deep', 'Lists and objects are nested too deep.');
export const TooManyProperties = kind('too-many-properties', 'An object has too many members.');
export const DuplicateKey = kind('duplicate-key', 'An object names one key twice.');
export const ForbiddenKey = kind('forbidden-key', 'A key may not be called __proto__.');
export const ControlCharacter = kind(
  'control-character',
  'Of the control characters only a line feed and a tab may stand in a text.',
);
export const LoneSurrogate = kind('lone-surrogate', 'A text holds half of a surrogate pair.');
export const NotAnInteger = kind(
  'not-an-integer',
  'Numbers are whole and written plainly; decimals come as text.',
);
export const UnsafeInteger = kind('unsafe-integer', 'A number is beyond 2^53 − 1.');

/**
 * Reads JSON (RFC 8259) so that it means one thing only: the bytes are UTF-8 without a byte order
 * mark, no object names a key twice, every text is well-formed Unicode without control characters
 * but line feed and tab, and every number is a whole one that a double holds exactly. Throws a
 * Refusal that names line and column, and never repeats what stands there.
 */
export function readStrictJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  if (bytes.length > limits.maxBytes) {
    throw new Refusal(TooLarge, `The JSON text is larger than ${String(limits.maxBytes)} bytes.`);
  }
  const text = decoded(bytes);
  if (text.startsWith('\uFEFF')) throw refusalAt(ByteOrderMark, text, 0);
  const reading: Reading = {
    text,
    at: 0,
    depth: 0,
    maxDepth: limits.maxDepth ?? 32,
    maxProperties: limits.maxProperties ?? 1000,
    allowDecimals: limits.allowDecimals ?? false,
  };
  const value = readValue(reading);
  skipBlanks(reading);
  if (reading.at < text.length) throw refusalAt(MalformedJson, text, reading.at);
  return value;
}

interface Reading {
  readonly text: string;
  readonly maxDepth: number;
  readonly maxProperties: number;
  readonly allowDecimals: boolean;
  at: number;
  depth: number;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const refusal = new Refusal(NotUtf8);
    refusal.cause = cause;
    throw refusal;
  }
}

function readValue(reading: Reading): unknown {
  skipBlanks(reading);
  const { text, at } = reading;
  switch (text[at]) {
    case '{':
      return nested(reading, readObject);
    case '[':
      return nested(reading, readList);
    case '"':
      return readText(reading);
    case 't':
      return readWord(reading, 'true', true);
    case 'f':
      return readWord(reading, 'false', false);
    case 'n':
      return readWord(reading, 'null', null);
    case undefined:
    default:
      return readNumber(reading);
  }
}

function nested<Value>(reading: Reading, read: (reading: Reading) => Value): Value {
  if (reading.depth >= reading.maxDepth) throw refusalAt(TooDeep, reading.text, reading.at);
  reading.depth += 1;
  reading.at += 1;
  const value = read(reading);
  reading.depth -= 1;
  return value;
}

function readObject(reading: Reading): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  let count = 0;
  if (skipIf(reading, '}')) return members;
  do {
    skipBlanks(reading);
    const { at } = reading;
    const key = readText(reading);
    if (key === '__proto__') throw refusalAt(ForbiddenKey, reading.text, at);
    if (Object.hasOwn(members, key)) throw refusalAt(DuplicateKey, reading.text, at);
    count += 1;
    if (count > reading.maxProperties) throw refusalAt(TooManyProperties, reading.text, at);
    if (!skipIf(reading, ':')) throw refusalAt(MalformedJson, reading.text, reading.at);
    members[key] = readValue(reading);
  } while (skipIf(reading, ','));
  if (!skipIf(reading, '}')) throw refusalAt(MalformedJson, reading.text, reading.at);
  return members;
}

function readList(reading: Reading): unknown[] {
  const items: unknown[] = [];
  if (skipIf(reading, ']')) return items;
  do items.push(readValue(reading));
  while (skipIf(reading, ','));
  if (!skipIf(reading, ']')) throw refusalAt(MalformedJson, reading.text, reading.at);
  return items;
}

const plainText = /[^"\\\p{Cc}]+|[\u007f-\u009f]+/uy;
const escape = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/y;
const escaped: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readText(reading: Reading): string {
  const { text, at: begin } = reading;
  if (text[begin] !== '"') throw refusalAt(MalformedJson, text, begin);
  reading.at += 1;
  let value = '';
  let hasEscapes = false;
  while (text[reading.at] !== '"') {
    const plain = take(reading, plainText)?.[0];
    if (plain) {
      value += plain;
      continue;
    }
    const { at } = reading;
    const match = take(reading, escape);
    if (!match) throw refusalAt(MalformedJson, text, at);
    const [, letter, code = ''] = match;
    const character = letter ? escaped[letter] : String.fromCharCode(Number.parseInt(code, 16));
    if (!character || isForbidden(character)) throw refusalAt(ControlCharacter, text, at);
    value += character;
    hasEscapes = true;
  }
  reading.at += 1;
  // The bytes were UTF-8, which has no surrogates: only escapes can make a lone one.
  if (hasEscapes && /\p{Surrogate}/u.test(value)) throw refusalAt(LoneSurrogate, text, begin);
  return value;
}

const isForbidden = (character: string) =>
  character < ' ' && character !== '\n' && character !== '\t';

const numberForm = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

function readNumber(reading: Reading): number {
  const { text, at } = reading;
  const match = take(reading, numberForm);
  if (!match) throw refusalAt(MalformedJson, text, at);
  const value = Number(match[0]);
  const isPlain = match[1] === undefined && match[2] === undefined && !Object.is(value, -0);
  if (!isPlain && !reading.allowDecimals) throw refusalAt(NotAnInteger, text, at);
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isExact) throw refusalAt(UnsafeInteger, text, at);
  return value;
}

function readWord<Value>(reading: Reading, word: string, value: Value): Value {
  if (!reading.text.startsWith(word, reading.at)) {
    throw refusalAt(MalformedJson, reading.text, reading.at);
  }
  reading.at += word.length;
  return value;
}

function take(reading: Reading, form: RegExp): RegExpExecArray | null {
  form.lastIndex = reading.at;
  const match = form.exec(reading.text);
  if (match) reading.at = form.lastIndex;
  return match;
}

function skipBlanks(reading: Reading): void {
  take(reading, /[ \t\n\r]*/y);
}

function skipIf(reading: Reading, character: string): boolean {
  skipBlanks(reading);
  if (reading.text[reading.at] !== character) return false;
  reading.at += 1;
  return true;
}

function refusalAt(refused: RefusalKind, text: string, at: number): Refusal {
  const lines = text.slice(0, at).split(/\r\n|\n|\r/);
  const line = lines.length;
  const column = Array.from(lines.at(-1) ?? '').length + 1;
  const place = `line ${String(line)}, column ${String(column)}`;
  const why = at >= text.length ? 'The text ends too early' : refused.title.replace(/\.$/, '');
  return new Refusal(refused, `${why} (${place}).`, { line });
}
