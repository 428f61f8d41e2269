/**
 * Papers: closed statements as finance opens, signs and files them (JSON, CSV, PDF), and its lines of
 * the operator API. Owns no table.
 */
export { csvHead, csvOfLines, csvTail } from './csv-rules.ts';
export { drawStatement } from './draw-statement.ts';
export { amountText, inOrderOfDays } from './layout-rules.ts';
export { hasMoreLetters, printable } from './letter-rules.ts';
export { edge, grey, ink, need, openSheet, width } from './open-sheet.ts';
export { linesOf, printStatement } from './print-statement.ts';
export { paperFormats, type Paper, type PaperFormat, type PaperLine } from './paper.ts';
export { longestPaper, paperOf, PaperTooLong } from './paper.ts';
export { settlementLines } from './settlement-endpoints.ts';
