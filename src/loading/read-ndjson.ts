import { Refusal } from '../platform/refusal.ts';
import { readStrictJson } from '../platform/strict-json.ts';
import { type Line, maxLineBytes } from './read-lines.ts';
import type { RowRead } from './report.ts';

/**
 * The rows of NDJSON: one object a line, blank lines between them allowed. Strict (see
 * readStrictJson): a key named twice, broken UTF-8 or a decimal number that is no text makes its
 * line a problem, and reading goes on. Integers of more than 15 digits arrive as text, because
 * JSONata writes numbers with 15.
 */
export async function* readNdjson(
  batches: AsyncIterable<readonly Line[]>,
): AsyncGenerator<RowRead> {
  for await (const lines of batches) {
    for (const line of lines) {
      const read = readLine(line);
      if (read) yield read;
    }
  }
}

function readLine({ number: line, bytes }: Line): RowRead | undefined {
  if (bytes === undefined) {
    return {
      line,
      code: 'line-too-long',
      reason: `The line is longer than ${String(maxLineBytes)} bytes.`,
    };
  }
  if (bytes.every((byte) => byte === 32 || byte === 9)) return undefined;
  try {
    const value = readStrictJson(bytes, { maxBytes: maxLineBytes });
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { line, code: 'not-an-object', reason: 'The line is no JSON object.' };
    }
    return { line, row: withLongIntegersAsText(value) as Record<string, unknown> };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { line, code: error.kind.code, reason: error.message.replace('line 1, ', '') };
  }
}

function withLongIntegersAsText(value: unknown): unknown {
  if (typeof value === 'number') return Math.abs(value) < 1e15 ? value : String(value);
  if (Array.isArray(value)) return value.map(withLongIntegersAsText);
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const [name, member] of Object.entries(members)) {
    if (typeof member === 'number' || typeof member === 'object') {
      members[name] = withLongIntegersAsText(member);
    }
  }
  return members;
}
