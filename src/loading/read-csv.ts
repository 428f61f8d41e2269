import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import { type Line, maxLineBytes } from './read-lines.ts';
import type { RowRead } from './report.ts';

type Problem = Extract<RowRead, { code: string }>;

/**
 * The rows of CSV (RFC 4180): a header names the fields, every value is text, a line break inside
 * quotes arrives as a line feed, blank lines are passed over. A row is named by the line it begins
 * on; one that cannot be read is a problem, and reading goes on with the line after it. Without a
 * usable header nothing can be read.
 */
export async function* readCsv(
  batches: AsyncIterable<readonly Line[]>,
  delimiter = ',',
): AsyncGenerator<RowRead> {
  let header: readonly string[] | undefined;
  for await (const record of readRecords(batches, delimiter)) {
    if ('code' in record) {
      yield header ? record : { ...record, stops: true };
      if (!header) return;
    } else if (header) {
      yield rowOf(record, header);
    } else {
      header = record.fields;
      const reason = faultOfHeader(header);
      if (reason !== undefined) {
        yield { line: record.line, code: 'header-invalid', reason, stops: true };
        return;
      }
    }
  }
}

interface Fields {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A record whose quote is still open at the end of its last line. */
interface Begun {
  readonly line: number;
  readonly parts: string[];
  characters: number;
}

/** Puts the lines of one record together: as long as a quote is open, the record goes on. */
async function* readRecords(
  batches: AsyncIterable<readonly Line[]>,
  delimiter: string,
): AsyncGenerator<Fields | Problem> {
  let begun: Begun | undefined;
  for await (const lines of batches) {
    for (const line of lines) {
      const text = textOf(line);
      if (typeof text !== 'string') {
        yield begun ? { ...text, line: begun.line, reason: `${text.reason} (line ${String(line.number)})` } : text; // prettier-ignore
        begun = undefined;
      } else if (!begun) {
        if (text === '') continue;
        const fields = fieldsOf(text, delimiter, line.number, line.number);
        if (fields) yield fields;
        else begun = { line: line.number, parts: [text], characters: text.length };
      } else {
        begun.parts.push(text);
        begun.characters += text.length + 1;
        if (begun.characters > maxLineBytes) break;
        if (!hasOddQuotes(text)) continue;
        yield fieldsOf(begun.parts.join('\n'), delimiter, begun.line, line.number) ?? neverClosed(begun.line); // prettier-ignore
        begun = undefined;
      }
    }
    if (begun && begun.characters > maxLineBytes) break;
  }
  if (begun) yield neverClosed(begun.line);
}

/** An open quote closes, or a closed one opens, where a line holds an odd number of them. */
function hasOddQuotes(text: string): boolean {
  return text.split('"').length % 2 === 0;
}

/** Nothing where a quote is still open. */
function fieldsOf(
  text: string,
  delimiter: string,
  line: number,
  last: number,
): Fields | Problem | undefined {
  if (!text.includes('"')) return { line, fields: text.split(delimiter) };
  try {
    const records = parse(text, { delimiter, relax_column_count: true, record_delimiter: '\n' });
    const [fields] = records;
    if (records.length === 1 && fields) return { line, fields };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') return undefined;
  }
  const span = last > line ? ` (lines ${String(line)} to ${String(last)})` : '';
  return { line, code: 'csv-malformed', reason: `A quote stands where none may stand${span}.` };
}

function rowOf({ line, fields }: Fields, header: readonly string[]): RowRead {
  if (fields.length !== header.length) {
    const [found, wanted] = [String(fields.length), String(header.length)];
    return {
      line,
      code: 'wrong-columns',
      reason: `The row has ${found} fields, the header ${wanted}.`,
    };
  }
  return { line, row: Object.fromEntries(header.map((name, index) => [name, fields[index]])) };
}

function textOf({ number: line, bytes }: Line): string | Problem {
  if (bytes === undefined) {
    return {
      line,
      code: 'line-too-long',
      reason: `The line is longer than ${String(maxLineBytes)} bytes.`,
    };
  }
  if (!isUtf8(bytes)) return { line, code: 'not-utf8', reason: 'The bytes are not UTF-8.' };
  const text = bytes.toString('utf8');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\x00-\x08\x0b-\x1f]/.test(text)) {
    return { line, code: 'control-character', reason: 'A control character stands in the line.' };
  }
  return text;
}

function faultOfHeader(header: readonly string[]): string | undefined {
  if (header.some((name) => name.trim() === '')) return 'The header has a field without a name.';
  if (header.includes('__proto__')) return 'A field may not be called __proto__.';
  if (new Set(header).size < header.length) return 'The header names a field twice.';
  return undefined;
}

function neverClosed(line: number): Problem {
  const reason = 'A quote opens here and is never closed; the rest of the file was not read.';
  return { line, code: 'csv-malformed', reason, stops: true };
}
