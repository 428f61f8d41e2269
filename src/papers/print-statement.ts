import type { Tools } from '../platform/tools.ts';
import { Refusal } from '../platform/refusal.ts';
import { findKeptLines, type ClosedStatement } from '../settlements/index.ts';
import { csvHead, csvOfLines, csvTail } from './csv-rules.ts';
import { drawStatement } from './draw-statement.ts';
import {
  longestPaper,
  paperOf,
  PaperTooLong,
  type Paper,
  type PaperFormat,
  type PaperLine,
} from './paper.ts';

const linesAtOnce = 1000;

/**
 * A closed statement with all lines as they were closed, part by part, for the operator's own use.
 * As JSON and CSV of any length; refuses a PDF of more than 10,000 lines.
 */
export async function* printStatement(
  tools: Pick<Tools, 'db' | 'settings'>,
  { statement, format }: { statement: ClosedStatement; format: PaperFormat },
): AsyncGenerator<Buffer> {
  const { letterhead, origin } = tools.settings;
  const paper = paperOf(letterhead ?? [origin], statement, { namesPeople: true });
  if (format === 'pdf') {
    if (countOf(statement) > longestPaper) throw new Refusal(PaperTooLong);
    const lines: PaperLine[] = [];
    for await (const texts of linesOf(tools, statement)) {
      lines.push(...texts.map((text) => JSON.parse(text) as PaperLine));
    }
    yield await drawStatement(paper, lines);
    return;
  }
  yield Buffer.from(format === 'csv' ? csvHead(paper) : jsonHead(paper, statement));
  let between = '';
  for await (const texts of linesOf(tools, statement)) {
    const lines = texts.map((text) => JSON.parse(text) as PaperLine);
    yield Buffer.from(format === 'csv' ? csvOfLines(paper, lines) : between + texts.join(',\n'));
    between = ',\n';
  }
  yield Buffer.from(format === 'csv' ? csvTail(paper) : '\n]}\n');
}

const countOf = ({ lineCount, adjustmentCount }: ClosedStatement) => lineCount + adjustmentCount;

function jsonHead({ status, sha256, paymentReference }: Paper, statement: ClosedStatement) {
  const { closedBy, closedAt, approved, paid } = statement;
  const who = {
    closed: { by: closedBy.name, at: closedAt },
    approved: approved && { by: approved.by.name, at: approved.at },
    paid: paid && { by: paid.by.name, at: paid.at, reference: paid.reference },
  };
  const document = statement.document.toString();
  const head = JSON.stringify({ status, paymentReference, ...who, sha256, document });
  return `${head.slice(0, -1)},"lines":[\n`;
}

/** The texts of a statement's lines as they were closed, a thousand at a time. */
export async function* linesOf(
  { db }: Pick<Tools, 'db'>,
  statement: ClosedStatement,
): AsyncGenerator<string[]> {
  const count = countOf(statement);
  for (let from = 0; from < count; from += linesAtOnce) {
    yield await findKeptLines(db, statement, { from, to: from + linesAtOnce });
  }
}
