import { needsMoreLetters, printable } from './letter-rules.ts';
import { explanationOf, inOrderOfDays, totalsOf, tableRows, type Row } from './layout-rules.ts';
import { edge, grey, ink, lowest, need, openSheet, width, type Pdf } from './open-sheet.ts';
import type { Paper, PaperLine } from './paper.ts';

const hashHeight = 38;
const signaturesHeight = 74;
const rule = '#c9c9c9';
const band = '#f3f3f1';

/**
 * Draws a closed statement on A4: letterhead, whose it is and for when, what it adds up to, its
 * lines, how its amounts were rounded, its hash, and room for two signatures. The same statement
 * gives the same bytes.
 */
export async function drawStatement(paper: Paper, lines: readonly PaperLine[]): Promise<Buffer> {
  const { document } = paper;
  const { pdf, bytes } = await openSheet({
    title: `Fee statement ${document.id}`,
    author: paper.letterhead[0] ?? '',
    madeAt: new Date(document.closedAt),
    hasMoreLetters: needsMoreLetters(paper),
  });
  drawHead(pdf, paper);
  drawTotals(pdf, paper);
  drawLines(pdf, paper, lines);
  drawExplanation(pdf, paper, lines);
  drawSignatures(pdf, paper);
  drawFooters(pdf, paper);
  pdf.end();
  return bytes;
}

function drawHead(
  pdf: Pdf,
  { letterhead, document, status, paymentReference, steps }: Paper,
): void {
  const [name = '', ...address] = letterhead.map(printable);
  pdf.font('bold').fontSize(13).fillColor(ink).text(name, edge, edge, { width: 300 });
  pdf.font('plain').fontSize(8.5).fillColor(grey);
  for (const line of address) pdf.text(line, { width: 300 });
  const afterHead = pdf.y;
  pdf.font('bold').fontSize(20).fillColor(ink);
  pdf.text('Fee statement', edge, edge - 3, { width, align: 'right' });
  pdf.font('plain').fontSize(10).fillColor(grey);
  pdf.text(document.id, { width, align: 'right' });
  const top = Math.max(afterHead, pdf.y) + 22;
  pdf.moveTo(edge, top).lineTo(edge + width, top).lineWidth(0.75).strokeColor(ink).stroke(); // prettier-ignore
  const { from, until, timeZone } = document.period;
  const facts: [string, string][] = [
    ['Partner', `${printable(document.partner.name)} (${document.partner.key})`],
    ['Period', `${from} to ${dayBefore(until)}, days in ${timeZone}`],
    ['Currency', document.currency],
    ['Agreement', versionsText(document.agreementVersions)],
    ['Status', paymentReference === null ? status : `${status}, reference ${printable(paymentReference)}`], // prettier-ignore
    ...steps.map(({ what, at, by }): [string, string] => [what, stepText(at, by)]),
  ];
  let y = top + 14;
  for (const [label, value] of facts) {
    pdf.font('plain').fontSize(9).fillColor(grey).text(label, edge, y, { width: 80 });
    pdf.fillColor(ink).text(value, edge + 80, y, { width: width - 80 });
    y = Math.max(pdf.y, y + 12) + 3;
  }
  pdf.y = y + 12;
}

function stepText(at: Date, by: string | null): string {
  const moment = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return by === null ? moment : `${moment} by ${printable(by)}`;
}

const versionsText = (versions: readonly number[]) =>
  versions.length === 0 ? 'no lines' : `version ${versions.join(', ')}`;

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** What the statement adds up to: the last line is what becomes of it. */
function drawTotals(pdf: Pdf, { document }: Paper): void {
  const rows = totalsOf(document);
  const height = 18;
  let { y } = pdf;
  for (const { label, amount, isSum } of rows) {
    if (isSum) pdf.rect(edge, y, width, height).fill(band);
    pdf
      .font(isSum ? 'bold' : 'plain')
      .fontSize(10)
      .fillColor(ink);
    pdf.text(label, edge + 8, y + 5, { width: width - 150, lineBreak: false });
    pdf.text(`${amount} ${document.currency}`, edge + width - 158, y + 5, { width: 150, align: 'right', lineBreak: false }); // prettier-ignore
    y += height;
    pdf
      .moveTo(edge, y)
      .lineTo(edge + width, y)
      .lineWidth(0.4)
      .strokeColor(rule)
      .stroke();
  }
  pdf.y = y + 22;
}

const columns = [
  { key: 'line', title: 'Line', width: 134, align: 'left' },
  { key: 'when', title: 'Available', width: 54, align: 'left' },
  { key: 'what', title: 'What', width: 78, align: 'left' },
  { key: 'base', title: 'Base', width: 66, align: 'right' },
  { key: 'rate', title: 'Rate', width: 48, align: 'right' },
  { key: 'fee', title: 'Fee', width: 0, align: 'right' },
] as const;
const fixed = columns.reduce((sum, column) => sum + column.width, 0);

function drawLines(pdf: Pdf, { document }: Paper, lines: readonly PaperLine[]): void {
  const own = inOrderOfDays(lines.filter(({ adjustment }) => adjustment === undefined));
  const adjusted = lines.filter(({ adjustment }) => adjustment !== undefined);
  drawTable(pdf, `Lines (${String(document.lineCount)})`, tableRows(own), 'Available');
  if (adjusted.length === 0) return;
  const title = `Adjustments to earlier statements (${String(document.adjustmentCount)})`;
  drawTable(pdf, title, tableRows(adjusted), 'Of month');
}

function drawTable(pdf: Pdf, title: string, rows: readonly Row[], when: string): void {
  need(pdf, 60);
  pdf.font('bold').fontSize(11).fillColor(ink).text(title, edge, pdf.y);
  pdf.y += 5;
  if (rows.length === 0) {
    pdf.font('plain').fontSize(9).fillColor(grey).text('None in this period.', edge, pdf.y);
    pdf.y += 16;
    return;
  }
  drawColumns(pdf, when);
  for (const [index, row] of rows.entries()) {
    if (need(pdf, 15)) drawColumns(pdf, when);
    const { y } = pdf;
    if (index % 2 === 1) pdf.rect(edge, y - 1, width, 14).fill('#fafaf9');
    drawCells(pdf, row, { y: y + 2.5, font: 'plain', color: ink });
    pdf.y = y + 14;
  }
  pdf.moveTo(edge, pdf.y).lineTo(edge + width, pdf.y).lineWidth(0.4).strokeColor(rule).stroke(); // prettier-ignore
  pdf.y += 18;
}

function drawColumns(pdf: Pdf, when: string): void {
  const titles = Object.fromEntries(columns.map(({ key, title }) => [key, title]));
  const { y } = pdf;
  drawCells(pdf, { ...titles, when } as unknown as Row, { y, font: 'bold', color: grey });
  pdf.moveTo(edge, y + 12).lineTo(edge + width, y + 12).lineWidth(0.6).strokeColor(ink).stroke(); // prettier-ignore
  pdf.y = y + 14;
}

function drawCells(pdf: Pdf, row: Row, style: { y: number; font: string; color: string }): void {
  let x = edge;
  for (const column of columns) {
    const room = column.width === 0 ? width - fixed : column.width;
    // Ids are read letter by letter.
    pdf.font(column.key === 'line' && style.font === 'plain' ? 'Courier' : style.font);
    pdf.fontSize(column.key === 'line' && style.font === 'plain' ? 7.4 : 8);
    pdf.fillColor(style.color);
    pdf.text(row[column.key], x + 2, style.y, { width: room - 4, align: column.align, lineBreak: false }); // prettier-ignore
    x += room;
  }
}

function drawExplanation(pdf: Pdf, paper: Paper, lines: readonly PaperLine[]): void {
  const paragraphs = explanationOf(paper, lines);
  pdf.font('plain').fontSize(8.5);
  const texts = paragraphs.map((text) => pdf.heightOfString(text, { width, lineGap: 1.5 }) + 4);
  // Signatures stand on the page with what is signed for: together, or all of it on the next one.
  const whole = 17 + texts.reduce((sum, height) => sum + height, 0) + hashHeight + signaturesHeight;
  need(pdf, whole < lowest - edge ? whole : 110);
  pdf.font('bold').fontSize(11).fillColor(ink).text('How it was computed', edge, pdf.y);
  pdf.y += 4;
  pdf.font('plain').fontSize(8.5).fillColor(ink);
  for (const text of paragraphs) {
    need(pdf, 40);
    pdf.font('plain').fontSize(8.5).fillColor(ink);
    pdf.text(text, edge, pdf.y, { width, lineGap: 1.5 });
    pdf.y += 4;
  }
  need(pdf, hashHeight + signaturesHeight);
  pdf.y += 4;
  pdf.font('plain').fontSize(8).fillColor(grey);
  pdf.text('SHA-256 of the statement, as it stands in the partner’s disclosure log:', edge, pdf.y);
  pdf
    .font('Courier')
    .fontSize(8.5)
    .fillColor(ink)
    .text(paper.sha256, edge, pdf.y + 2);
  pdf.y += 10;
}

function drawSignatures(pdf: Pdf, { letterhead, document }: Paper): void {
  const y = pdf.y + 46;
  const half = (width - 40) / 2;
  const sides = [
    [edge, printable(letterhead[0] ?? '')],
    [edge + half + 40, printable(document.partner.name)],
  ] as const;
  for (const [x, name] of sides) {
    pdf
      .moveTo(x, y)
      .lineTo(x + half, y)
      .lineWidth(0.6)
      .strokeColor(ink)
      .stroke();
    pdf.font('plain').fontSize(8).fillColor(grey);
    pdf.text('Place, date, signature', x, y + 4, { width: half });
    pdf.fillColor(ink).text(name, x, y + 15, { width: half });
  }
}

function drawFooters(pdf: Pdf, { document, sha256 }: Paper): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page);
    pdf.font('plain').fontSize(7.5).fillColor(grey);
    const y = 841.89 - 40;
    pdf.text(`${document.id} · ${sha256.slice(0, 16)}… · not a tax invoice`, edge, y, { width: width - 90, lineBreak: false }); // prettier-ignore
    pdf.text(`Page ${String(page + 1)} of ${String(count)}`, edge + width - 90, y, { width: 90, align: 'right', lineBreak: false }); // prettier-ignore
  }
}
