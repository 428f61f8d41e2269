import { statusOf } from '../claims/index.ts';
import { amountText, edge, grey, hasMoreLetters, ink, need, openSheet, printable, width } from '../papers/index.ts'; // prettier-ignore
import { differenceOf, outcomes, totalsOf, type Reconciliation, type Row } from '../reconciliation/index.ts'; // prettier-ignore
import { statementIdOf } from '../settlements/index.ts';
import type { ShownClaim } from './list-claims.ts';
import type { Reported } from './report-rules.ts';

type Sheet = Awaited<ReturnType<typeof openSheet>>['pdf'];

/** How many rows stand on paper; the CSV has all of them. */
const rowsAtMost = 2000;

/**
 * Draws a reconciliation on A4: of whom and what it is, what each outcome comes to, and each row that
 * did not match. The same reconciliation gives the same bytes.
 */
export async function drawReport(
  made: Reported & {
    readonly letterhead: readonly string[];
    readonly shown: ShownClaim;
    readonly reconciliation: Reconciliation;
  },
): Promise<Buffer> {
  const { shown, letterhead, currency, rows, lines } = made;
  const { claim, partnerName, partnerKey } = shown;
  const title = `Reconciliation ${statementIdOf(claim)}`;
  const texts = lines.slice(0, rowsAtMost).map(({ customer }) => customer ?? '');
  const { pdf, bytes } = await openSheet({
    title,
    author: letterhead[0] ?? '',
    madeAt: claim.receivedAt,
    hasMoreLetters: hasMoreLetters([...letterhead, partnerName, ...texts]),
  });
  pdf
    .font('bold')
    .fontSize(13)
    .fillColor(ink)
    .text(printable(letterhead[0] ?? ''), edge, edge);
  pdf
    .font('bold')
    .fontSize(18)
    .text(title, edge, pdf.y + 10);
  pdf.font('plain').fontSize(9).fillColor(grey);
  const { toleranceMinor, statement } = made.reconciliation;
  const money = (minor: bigint) => amountText({ amount: Number(minor), currency });
  for (const text of [
    `Partner ${printable(partnerName)} (${partnerKey}); statement ${statement.id}, ${statement.status}`,
    `Claim received ${claim.receivedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${String(claim.lineCount)} lines, ${statusOf(claim)}`,
    `SHA-256 of the claim ${claim.sha256.toString('hex')}`,
    `Amounts in ${currency}; differences of up to ${money(toleranceMinor)} match`,
  ]) {
    pdf.text(text, edge, pdf.y + 3, { width });
  }
  pdf.y += 14;
  table(pdf, ['Outcome', 'Rows', 'Theirs', 'Ours', 'Difference'], [
    ...outcomes.map((outcome) => sumsOf(outcome, rows.filter((row) => row.outcome === outcome), money)), // prettier-ignore
    sumsOf('all', rows, money),
  ]); // prettier-ignore
  const { oursMinor, differenceMinor, claimedMinor } = totalsOf(rows);
  pdf.font('bold').fontSize(9).fillColor(ink);
  pdf.text(
    `Ours ${money(oursMinor)} and the differences ${money(differenceMinor)} are theirs: ${money(claimedMinor)} ${currency}.`,
    edge,
    pdf.y + 6,
    { width },
  );
  pdf.y += 14;
  const open = rows.filter(({ outcome }) => outcome !== 'matched');
  const named = new Map(lines.map((line) => [line.line, line]));
  table(
    pdf,
    ['Claimed lines', 'Of', 'Outcome', 'Theirs', 'Ours', 'Difference'],
    open.slice(0, rowsAtMost).map((row) => cellsOf(row, { named, money })),
  );
  if (open.length > rowsAtMost) {
    const rest = String(open.length - rowsAtMost);
    pdf.font('plain').fontSize(8.5).fillColor(grey).text(`And ${rest} more rows: the CSV has all.`, edge, pdf.y + 4); // prettier-ignore
  }
  drawFooters(pdf, title);
  pdf.end();
  return bytes;
}

function sumsOf(name: string, rows: readonly Row[], money: (minor: bigint) => string): string[] {
  const { claimedMinor, oursMinor, differenceMinor } = totalsOf(rows);
  return [name, String(rows.length), money(claimedMinor), money(oursMinor), money(differenceMinor)];
}

function cellsOf(
  row: Row,
  { named, money }: { named: ReadonlyMap<number, Reported['lines'][number]>; money: (minor: bigint) => string }, // prettier-ignore
): string[] {
  const { claimed, reason, outcome } = row;
  const [first] = claimed;
  const line = first === undefined ? undefined : named.get(first);
  const numbers = claimed.length > 3 ? `${claimed.slice(0, 3).join(' ')} …` : claimed.join(' ');
  return [
    numbers,
    cutTo(printable(line?.customer ?? line?.payment ?? ''), 24),
    cutTo(reason ? `${outcome}, ${reason}` : outcome, 34),
    money(row.claimedMinor),
    money(row.oursMinor),
    money(differenceOf(row)),
  ];
}

const cutTo = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** A table whose last columns are amounts, or counts before them. */
function table(pdf: Sheet, titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const isShort = titles.length === 5;
  const widths = isShort ? [width - 330, 60, 90, 90, 90] : [62, width - 62 - 156 - 189, 156, 63, 63, 63]; // prettier-ignore
  const draw = (cells: readonly string[], font: string, color: string): void => {
    need(pdf, 14);
    const { y } = pdf;
    let x = edge;
    for (const [place, cell] of cells.entries()) {
      const room = widths[place] ?? 60;
      const isLeft = place === 0 || (!isShort && place < 3);
      pdf.font(font).fontSize(7.6).fillColor(color);
      pdf.text(cell, x + 2, y, { width: room - 4, align: isLeft ? 'left' : 'right', lineBreak: false }); // prettier-ignore
      x += room;
    }
    pdf.y = y + 13;
  };
  draw(titles, 'bold', grey);
  for (const cells of rows) draw(cells, 'plain', ink);
}

function drawFooters(pdf: Sheet, title: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page);
    pdf.font('plain').fontSize(7.5).fillColor(grey);
    pdf.text(`${title} · page ${String(page + 1)} of ${String(count)}`, edge, 841.89 - 40, { width, lineBreak: false }); // prettier-ignore
  }
}
