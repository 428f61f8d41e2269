import type { ErrorObject } from 'ajv/dist/2020.js';
import { compileShape, type Catalogue } from '../catalogue/index.ts';
import { holdsCardNumber } from './card-number-rules.ts';
import type { CheckedRecord, JsonObject, RecordProblem } from './record.ts';
import { ownProblems } from './record-rules.ts';
import { recordOf } from './storage-rules.ts';

/** What a list of problems is cut to: a hostile record could have one for each of its fields. */
const mostProblems = 20;

/**
 * What is wrong with a record of the named type; nothing when it can be stored at this moment. Each
 * problem names its field (JSON Pointer) and a stable reason, and never repeats what stands in the
 * record.
 */
export function checkRecord(
  catalogue: Catalogue,
  typeName: string,
  value: unknown,
  now: Date,
): RecordProblem[] {
  const read = acceptRecord(catalogue, typeName, value, now);
  return 'problems' in read ? read.problems : [];
}

/** The record, checked and ready to be stored, or everything that is wrong with it. */
export function acceptRecord(
  catalogue: Catalogue,
  typeName: string,
  value: unknown,
  now: Date,
): { record: CheckedRecord } | { problems: RecordProblem[] } {
  const type = catalogue.types.get(typeName);
  if (!type) {
    const sentence = 'The catalogue has no such record type.';
    return { problems: [{ field: '', reason: 'unknown-type', sentence }] };
  }
  const isShaped = compileShape(type);
  if (!isShaped(value)) {
    const problems = (isShaped.errors ?? []).slice(0, mostProblems).map(problemOf);
    return { problems };
  }
  const body = value as JsonObject;
  const problems = ownProblems(type, body, now).slice(0, mostProblems);
  return problems.length > 0 ? { problems } : { record: recordOf(type, body) };
}

function problemOf(error: ErrorObject): RecordProblem {
  const known = wordings[error.keyword] ?? {
    reason: 'wrong-shape',
    sentence: 'The field is wrong.',
  };
  const { reason, sentence } = error.keyword === 'format' ? formatWording(error) : known;
  return { field: fieldOf(error), reason, sentence };
}

interface Wording {
  readonly reason: string;
  readonly sentence: string;
}

const wordings: Readonly<Record<string, Wording>> = {
  additionalProperties: {
    reason: 'unknown-field',
    sentence: 'The record type has no such field.',
  },
  required: { reason: 'missing-field', sentence: 'The field is required.' },
  type: { reason: 'wrong-type', sentence: 'The value is of another JSON type than the field.' },
  maxLength: { reason: 'too-long', sentence: 'The text is longer than the field allows.' },
  minLength: { reason: 'too-short', sentence: 'The text is shorter than the field asks.' },
  pattern: { reason: 'wrong-form', sentence: 'The text does not have the form of the field.' },
  enum: { reason: 'unknown-value', sentence: 'The value is not one of those the field allows.' },
  const: { reason: 'unknown-value', sentence: 'The value is not the one the field allows.' },
  minimum: { reason: 'out-of-range', sentence: 'The number is below what the field allows.' },
  maximum: { reason: 'out-of-range', sentence: 'The number is above what the field allows.' },
  minItems: { reason: 'too-few-items', sentence: 'The list is shorter than the field asks.' },
  maxItems: { reason: 'too-many-items', sentence: 'The list is longer than the field allows.' },
};

const formatWording = ({ params }: ErrorObject): Wording =>
  params['format'] === 'date'
    ? { reason: 'not-a-date', sentence: 'The text is not a date such as 2026-11-22.' }
    : {
        reason: 'not-an-instant',
        sentence: 'The text is not an instant with its offset, such as 2026-11-22T12:00:00Z.',
      };

/** A field that the catalogue does not know is named only where its name can hold nothing else. */
function fieldOf({ instancePath, keyword, params }: ErrorObject): string {
  const name: unknown =
    keyword === 'required' ? params['missingProperty'] : params['additionalProperty'];
  if (typeof name !== 'string') return instancePath;
  return /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name) && !holdsCardNumber(name)
    ? `${instancePath}/${name}`
    : instancePath;
}
