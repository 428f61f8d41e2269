import { dataClasses } from '../policy/index.ts';
import { patternProblem } from '../platform/patterns.ts';
import type { CatalogueProblem } from './record-type.ts';

/** Plain JSON whose shape is yet to be checked. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What is wrong with a node of a record type's schema and all below it: keywords are an allow list,
 * every object is closed, every list and text has an upper bound, every leaf has its class.
 */
export function nodeProblems(node: unknown, place: string): CatalogueProblem[] {
  if (!isObject(node)) return [problem(place, 'not-a-schema', 'a schema is a JSON object')];
  const { type } = node;
  const allowed = typeof type === 'string' ? keywords.get(type) : undefined;
  if (!allowed) {
    const known = [...keywords.keys()].join(', ');
    return [problem(`${place}/type`, 'unknown-type', `"type" is one of ${known}`)];
  }
  const strange = Object.keys(node)
    .filter((keyword) => !allowed.has(keyword))
    .map((keyword) => strangeKeyword(place, keyword, type === 'object' || type === 'array'));
  if (type === 'object') return [...strange, ...objectProblems(node, place)];
  if (type === 'array') return [...strange, ...listProblems(node, place)];
  return [...strange, ...leafProblems(node, place)];
}

export function problem(place: string, reason: string, sentence: string): CatalogueProblem {
  return { place, reason, sentence };
}

/** A key as a step of a JSON Pointer (RFC 6901, section 3). */
export const pointerStep = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

const everywhere = ['type', 'title', 'description', '$comment'];
const leafWords = [...everywhere, 'x-class', 'x-refers-to', 'enum', 'const'];
const keywords: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['object', new Set([...everywhere, 'additionalProperties', 'properties', 'required'])],
  ['array', new Set([...everywhere, 'items', 'minItems', 'maxItems'])],
  ['string', new Set([...leafWords, 'minLength', 'maxLength', 'pattern', 'format'])],
  ['integer', new Set([...leafWords, 'minimum', 'maximum'])],
  ['boolean', new Set(leafWords)],
]);

function strangeKeyword(place: string, keyword: string, hasParts: boolean): CatalogueProblem {
  return hasParts && (keyword === 'x-class' || keyword === 'x-refers-to')
    ? problem(`${place}/${keyword}`, 'class-above-leaf', 'only a leaf carries a class')
    : problem(
        `${place}/${pointerStep(keyword)}`,
        'unknown-keyword',
        'the keyword is not allowed here',
      );
}

function objectProblems(node: Json, place: string): CatalogueProblem[] {
  const problems: CatalogueProblem[] = [];
  const { properties, required = [] } = node;
  if (node['additionalProperties'] !== false) {
    problems.push(problem(place, 'open-object', '"additionalProperties" must be false'));
  }
  if (!isObject(properties)) {
    return [...problems, problem(place, 'no-properties', 'an object lists its properties')];
  }
  const areNames = Array.isArray(required) && new Set(required).size === required.length;
  if (!areNames || !required.every((name) => Object.hasOwn(properties, String(name)))) {
    problems.push(
      problem(`${place}/required`, 'wrong-required', '"required" names properties, each once'),
    );
  }
  for (const [name, part] of Object.entries(properties)) {
    const at = `${place}/properties/${pointerStep(name)}`;
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name) || name in Object.prototype) {
      problems.push(
        problem(at, 'wrong-name', 'a name has up to 64 letters, digits, _ and -, a letter first'),
      );
    }
    problems.push(...nodeProblems(part, at));
  }
  return problems;
}

function listProblems(node: Json, place: string): CatalogueProblem[] {
  const problems = nodeProblems(node['items'], `${place}/items`);
  if (!isCount(node['maxItems'], 10_000)) {
    problems.push(problem(place, 'no-max-items', 'a list has "maxItems", at most 10,000'));
  }
  return problems;
}

function leafProblems(node: Json, place: string): CatalogueProblem[] {
  return [...classProblems(node, place), ...valueProblems(node, place)];
}

const fieldClasses: readonly unknown[] = [...dataClasses, 'reference', 'never'];

function classProblems(node: Json, place: string): CatalogueProblem[] {
  const fieldClass = node['x-class'];
  if (fieldClass === undefined) {
    return [problem(place, 'unmarked-leaf', 'the field carries no "x-class"')];
  }
  if (!fieldClasses.includes(fieldClass)) {
    const known = fieldClasses.join(', ');
    return [problem(`${place}/x-class`, 'unknown-class', `"x-class" is one of ${known}`)];
  }
  const isReference = fieldClass === 'reference';
  if (isReference && node['type'] !== 'string') {
    return [problem(`${place}/type`, 'wrong-reference', 'a reference is a string')];
  }
  if (isReference !== (node['x-refers-to'] !== undefined)) {
    return [
      problem(
        place,
        'wrong-reference',
        'a reference, and nothing else, says what it "x-refers-to"',
      ),
    ];
  }
  return [];
}

function valueProblems(node: Json, place: string): CatalogueProblem[] {
  const problems: CatalogueProblem[] = [];
  const { type, pattern, format } = node;
  const isListed = node['enum'] !== undefined || node['const'] !== undefined;
  if (type === 'string' && !isListed && !isCount(node['maxLength'], 100_000)) {
    problems.push(problem(place, 'no-max-length', 'a text has "maxLength", at most 100,000'));
  }
  if (format !== undefined && format !== 'date' && format !== 'date-time') {
    problems.push(
      problem(`${place}/format`, 'unknown-format', '"format" is "date" or "date-time"'),
    );
  }
  if (pattern !== undefined) {
    const why = typeof pattern === 'string' ? patternProblem(pattern) : 'a pattern is a text';
    if (why !== undefined) problems.push(problem(`${place}/pattern`, 'dangerous-pattern', why));
  }
  return problems;
}

const isCount = (value: unknown, most: number) =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
