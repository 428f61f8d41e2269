import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import { Refusal } from '../platform/refusal.ts';
import { ClaimInvalid, longestClaim, type ClaimedLine } from './claim.ts';
import {
  amountIn,
  claimedLine,
  linesOrRefuse,
  refuseLines,
  type LineProblem,
} from './line-rules.ts';

const separators = [',', ';', '\t'] as const;
const columns = ['customer', 'payment', 'amount', 'currency'] as const;
type Column = (typeof columns)[number];

/**
 * The lines of a claim in CSV (RFC 4180): UTF-8, with or without a byte order mark; the header names
 * the columns and tells by which of comma, semicolon and tab they are parted. Refuses the whole file
 * where one line is wrong, and understands nothing in two ways: a decimal comma is refused.
 */
export function readCsvClaim(bytes: Buffer, currency: string): ClaimedLine[] {
  const text = textOf(bytes);
  const end = text.search(/\r?\n|\r/);
  const head = end < 0 ? text : text.slice(0, end);
  const { separator, header } = readHeader(head);
  const rows = rowsOf(text, separator);
  return linesOrRefuse(
    rows.slice(1).map(({ record, info }) => lineOf(record, { header, line: info.lines, currency })),
  );
}

function textOf(bytes: Buffer): string {
  const isUtf16 = /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));
  if (isUtf16) throw new Refusal(ClaimInvalid, 'The file is UTF-16: save it as UTF-8.');
  if (!isUtf8(bytes)) {
    throw new Refusal(ClaimInvalid, 'The file is not UTF-8 (Latin-1, perhaps): save it as UTF-8.');
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.includes('\0')) throw new Refusal(ClaimInvalid, 'The file is no text: it has a NUL.');
  return text;
}

function readHeader(head: string) {
  const found = separators
    .map((separator) => ({ separator, header: namesIn(head, separator) }))
    .find(({ header }) => header.length > 1 && header.every(isColumn));
  const header = found?.header ?? [];
  const isTwice = new Set(header).size < header.length;
  const names = header.includes('customer') || header.includes('payment');
  if (!found || isTwice || !names || !header.includes('amount')) {
    throw new Refusal(
      ClaimInvalid,
      'The first line names the columns, each once, parted by one comma, semicolon or tab: amount, ' +
        'with customer or payment or both; and currency, if wanted.',
      { line: 1, field: 'header' },
    );
  }
  return { separator: found.separator, header: header as Column[] };
}

const namesIn = (head: string, separator: string) =>
  head.split(separator).map((name) => name.replace(/^"(.*)"$/, '$1'));
const isColumn = (name: string): name is Column => columns.some((one) => one === name);

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function rowsOf(text: string, delimiter: string): Row[] {
  try {
    return parse(text, {
      ...{ delimiter, info: true, relax_column_count: true, skip_empty_lines: true },
      // One more than may be, and the header.
      to: longestClaim.lines + 2,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = (error as { lines?: number }).lines ?? 1;
    const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED';
    const reason = isOpen ? 'a quote is never closed' : 'a quote stands where none may stand';
    return refuseLines([{ line, field: 'row', reason }]);
  }
}

function lineOf(
  record: readonly string[],
  { header, line, currency }: { header: readonly Column[]; line: number; currency: string },
): ClaimedLine | LineProblem {
  if (record.length !== header.length) {
    const reason = `has ${String(record.length)} fields, and the header names ${String(header.length)}`;
    return { line, field: 'row', reason };
  }
  const cell = (name: Column) => record[header.indexOf(name)] ?? '';
  const text = (name: Column) => cell(name) || null;
  if (header.includes('currency') && cell('currency') !== currency) {
    return { line, field: 'currency', reason: `is not ${currency}, which the claim is in` };
  }
  const names = { line, customer: text('customer'), payment: text('payment') };
  return claimedLine(names, amountIn(currency, cell('amount')));
}
