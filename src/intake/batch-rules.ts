import { Refusal } from '../platform/refusal.ts';
import { readStrictJson } from '../platform/strict-json.ts';
import { InvalidBatch } from './intake.ts';

/** Records in one request: they are one transaction. */
export const mostRecords = 1000;
/** All records of a request. */
export const largestBatch = 4 * 1024 * 1024;
const largestRecord = 1024 * 1024;

/** A record of a batch, or why its line cannot be read. Lines, or the items of a list, count from 1. */
export type BatchLine =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly code: string; readonly detail: string };

/**
 * The records of a body: a JSON list, or NDJSON, of which a line that cannot be read stands alone.
 * Throws Refusal `batch-invalid` where there is no record or there are too many, and where a list is
 * none.
 */
export function readBatch(bytes: Buffer, form: 'json' | 'ndjson'): readonly BatchLine[] {
  const lines = form === 'json' ? readList(bytes) : readLines(bytes);
  if (lines.length === 0) throw new Refusal(InvalidBatch, 'The body holds no record.');
  if (lines.length > mostRecords) {
    throw new Refusal(InvalidBatch, `The body holds more than ${String(mostRecords)} records.`);
  }
  return lines;
}

/** One record by itself. Throws Refusal `batch-invalid` where it is no JSON object. */
export function readSingle(bytes: Buffer): Readonly<Record<string, unknown>> {
  const value = readJson(bytes, largestRecord);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(InvalidBatch, 'The body must be one record: a JSON object.');
  }
  return value as Readonly<Record<string, unknown>>;
}

function readList(bytes: Buffer): readonly BatchLine[] {
  const list = readJson(bytes, largestBatch);
  if (!Array.isArray(list)) throw new Refusal(InvalidBatch, 'The body must be a list of records.');
  return (list as readonly unknown[]).map((value, index) => ({ line: index + 1, value }));
}

function readJson(bytes: Buffer, maxBytes: number): unknown {
  try {
    return readStrictJson(bytes, { maxBytes });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(InvalidBatch, error.message, error.facts);
  }
}

function readLines(bytes: Buffer): readonly BatchLine[] {
  const lines: BatchLine[] = [];
  let from = 0;
  for (let line = 1; from < bytes.length && lines.length <= mostRecords; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    const text = bytes.subarray(from, end < 0 ? bytes.length : end);
    from = end < 0 ? bytes.length : end + 1;
    if (!isBlank(text)) lines.push(readLine(text, line));
  }
  return lines;
}

const isBlank = (text: Buffer) =>
  text.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

function readLine(text: Buffer, line: number): BatchLine {
  try {
    return { line, value: readStrictJson(text, { maxBytes: largestRecord }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Its own "line 1" would be a line of the line.
    const detail = error.message.replace(/ ?\(line 1, column (\d+)\)/, ' (column $1)');
    return { line, code: error.kind.code, detail };
  }
}
