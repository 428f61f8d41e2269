import {
  digits,
  haveOverlap,
  lineEnds,
  single,
  without,
  wordCharacters,
  type CharacterSet,
} from './character-sets.ts';

/**
 * Why a pattern may not stand in a schema, or undefined where it may. A pattern is whole
 * (`^…$`) and deterministic: at each point the next character alone says where the match goes on.
 * Then a backtracking engine never has a second way to try, and time grows with the length of the
 * text only. Look-around, back references and repeated groups that repeat inside are refused.
 */
export function patternProblem(pattern: string): string | undefined {
  try {
    if (pattern.length > 500) return 'a pattern has at most 500 characters';
    new RegExp(pattern, 'u');
    if (!pattern.startsWith('^') || !pattern.endsWith('$') || pattern.endsWith('\\$')) {
      return 'a pattern begins with ^ and ends with $';
    }
    const reading: Reading = {
      source: Array.from(pattern.slice(1, -1)),
      at: 0,
      follows: new Map(),
    };
    const whole = readSequence(reading);
    if (reading.at < reading.source.length) return 'alternatives stand in a group';
    const followed = [whole.first, ...reading.follows.values()];
    return followed.some(haveOverlap) ? 'the next character alone must decide' : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** What fits at one place in the pattern; one object for each place. */
type Place = CharacterSet;

/** What the determinism of a regular expression needs (Glushkov's construction). */
interface Part {
  readonly isNullable: boolean;
  readonly first: readonly Place[];
  readonly last: readonly Place[];
  /** Whether something in it repeats, may be absent or has alternatives. */
  readonly varies: boolean;
}

interface Reading {
  readonly source: readonly string[];
  at: number;
  readonly follows: Map<Place, Place[]>;
}

const nothing: Part = { isNullable: true, first: [], last: [], varies: false };

function readSequence(reading: Reading): Part {
  let whole = nothing;
  for (;;) {
    const next = reading.source[reading.at];
    if (next === undefined || next === '|' || next === ')') return whole;
    const part = readRepeated(reading);
    link(reading, whole.last, part.first);
    whole = {
      isNullable: whole.isNullable && part.isNullable,
      first: whole.isNullable ? [...whole.first, ...part.first] : whole.first,
      last: part.isNullable ? [...whole.last, ...part.last] : part.last,
      varies: whole.varies || part.varies,
    };
  }
}

function readRepeated(reading: Reading): Part {
  const isGroup = reading.source[reading.at] === '(';
  const part = isGroup ? readGroup(reading) : placePart(readPlace(reading));
  const times = readTimes(reading);
  if (!times) return part;
  const repeated = { ...part, isNullable: part.isNullable || times.least === 0, varies: true };
  if (times.most === 1) return repeated;
  if (isGroup && part.varies) {
    throw new SyntaxError('a repeated group may hold no repetition and no alternatives');
  }
  // One character an exact number of times gives the engine no choice.
  if (isGroup || times.least !== times.most) link(reading, part.last, part.first);
  return repeated;
}

function readGroup(reading: Reading): Part {
  reading.at += 1;
  if (reading.source[reading.at] === '?') {
    if (reading.source[reading.at + 1] !== ':') {
      throw new SyntaxError('look-around and named groups are not allowed');
    }
    reading.at += 2;
  }
  let whole = readSequence(reading);
  while (reading.source[reading.at] === '|') {
    reading.at += 1;
    const other = readSequence(reading);
    whole = {
      isNullable: whole.isNullable || other.isNullable,
      first: [...whole.first, ...other.first],
      last: [...whole.last, ...other.last],
      varies: true,
    };
  }
  reading.at += 1;
  return whole;
}

function readTimes(reading: Reading): { least: number; most: number } | undefined {
  const rest = reading.source.slice(reading.at, reading.at + 24).join('');
  const match = /^(?:([?*+])|\{(\d+)(?:(,)(\d*))?\})/.exec(rest);
  if (!match) return undefined;
  reading.at += match[0].length;
  if (/^[?*+{]/.test(rest.slice(match[0].length))) {
    throw new SyntaxError('lazy repetition is not allowed');
  }
  const [, sign, least = '0', comma, most] = match;
  if (sign) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
  const upper = comma === undefined ? least : most === '' ? 'Infinity' : most;
  const times = { least: Number(least), most: Number(upper) };
  if ([times.least, times.most].some((count) => count > 1000 && count !== Infinity)) {
    throw new SyntaxError('nothing is counted beyond 1,000');
  }
  return times;
}

const placePart = (place: Place): Part => ({
  isNullable: false,
  first: [place],
  last: [place],
  varies: false,
});

function readPlace(reading: Reading): Place {
  const sign = reading.source[reading.at] ?? '';
  if (sign === '[') return readClass(reading);
  if (sign === '\\') return readEscape(reading);
  reading.at += 1;
  if (sign === '.') return without(lineEnds);
  if (sign === '^' || sign === '$') throw new SyntaxError('^ and $ stand at the ends only');
  return single(sign);
}

function readEscape(reading: Reading): Place {
  const sign = reading.source[reading.at + 1] ?? '';
  reading.at += 2;
  if (sign === 'd') return [...digits];
  if (sign === 'D') return without(digits);
  if (sign === 'w') return [...wordCharacters];
  if (sign === 'W') return without(wordCharacters);
  if (/[a-zA-Z0-9]/.test(sign)) {
    throw new SyntaxError('of the escapes with a letter or digit only \\d and \\w are allowed');
  }
  return single(sign);
}

function readClass(reading: Reading): Place {
  reading.at += 1;
  const isNegated = reading.source[reading.at] === '^';
  if (isNegated) reading.at += 1;
  const ranges: [number, number][] = [];
  while (reading.source[reading.at] !== ']') {
    const from = readClassMember(reading);
    const isRange = reading.source[reading.at] === '-' && reading.source[reading.at + 1] !== ']';
    if (isRange) reading.at += 1;
    const to = isRange ? readClassMember(reading) : from;
    const [least, most] = [from[0]?.[0], to.at(-1)?.[1]];
    if (isRange && least !== undefined && most !== undefined) ranges.push([least, most]);
    else ranges.push(...from.map(([low, high]): [number, number] => [low, high]));
  }
  reading.at += 1;
  return isNegated ? without(ranges) : ranges;
}

function readClassMember(reading: Reading): Place {
  if (reading.source[reading.at] === '\\') return readEscape(reading);
  const sign = reading.source[reading.at] ?? '';
  reading.at += 1;
  return single(sign);
}

function link(reading: Reading, from: readonly Place[], to: readonly Place[]): void {
  for (const place of from) {
    const known = reading.follows.get(place) ?? [];
    // A place that can follow in two ways (a loop in a loop) counts twice: that is a choice too.
    known.push(...to);
    reading.follows.set(place, known);
  }
}
