import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';
import { printable } from './letter-rules.ts';

export type Pdf = InstanceType<typeof PDFDocument>;

const require = createRequire(import.meta.url);
/** One of PDF's own families, and one from files that has many more letters. */
const helvetica = { plain: 'Helvetica', bold: 'Helvetica-Bold' };
const dejaVu = {
  plain: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf'),
};

/** Points of A4 inside its edges, and the colours of every paper. */
export const edge = 56;
export const width = 595.28 - 2 * edge;
export const lowest = 841.89 - 76;
export const ink = '#1a1a1a';
export const grey = '#6b6b6b';

/** An empty A4 paper, and its bytes once it is ended: the same drawing gives the same bytes. */
export async function openSheet(made: {
  readonly title: string;
  readonly author: string;
  readonly madeAt: Date;
  /** Whether letters are needed that PDF's own families lack. */
  readonly hasMoreLetters: boolean;
}): Promise<{ pdf: Pdf; bytes: Promise<Buffer> }> {
  // Loaded once a paper is drawn: fonts and all, it is a third of what the rest loads.
  const { default: Document } = await import('pdfkit');
  const pdf = new Document({
    size: 'A4',
    bufferPages: true,
    margins: { top: edge, left: edge, right: edge, bottom: 0 },
    info: { Title: made.title, Author: printable(made.author), CreationDate: made.madeAt },
  });
  const bytes = collected(pdf);
  const faces = made.hasMoreLetters ? dejaVu : helvetica;
  pdf.registerFont('plain', faces.plain).registerFont('bold', faces.bold);
  return { pdf, bytes };
}

function collected(pdf: Pdf): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    pdf.on('data', (part: Buffer) => parts.push(part));
    pdf.on('end', () => {
      resolve(Buffer.concat(parts));
    });
    pdf.on('error', reject);
  });
}

/** Goes on to a new page where so much room is not left; whether it did. */
export function need(pdf: Pdf, height: number): boolean {
  if (pdf.y + height <= lowest) return false;
  pdf.addPage();
  pdf.y = edge;
  return true;
}
