import type { Paper } from './paper.ts';

/** Whether a name on the paper has letters that the families of PDF itself lack. */
export function needsMoreLetters(paper: Paper): boolean {
  const { letterhead, document, paymentReference, steps } = paper;
  const persons = steps.map(({ by }) => by ?? '');
  return hasMoreLetters([...letterhead, document.partner.name, paymentReference ?? '', ...persons]);
}

/** Whether texts have letters that the families of PDF itself lack. */
export function hasMoreLetters(texts: readonly string[]): boolean {
  return !Array.from(texts.join('').normalize('NFC')).every(isWindows1252);
}

/** Text in the letters that one of the families has; any other is a question mark. */
export function printable(text: string): string {
  return Array.from(text.normalize('NFC'), (letter) => (isDrawn(letter) ? letter : '?')).join('');
}

/** As PDF's own families are written. */
function isWindows1252(letter: string): boolean {
  return /^[\u0020-\u007e\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]$/u.test(letter);
}

/** The scripts that DejaVu has whole and that are set from the left, letter by letter. */
function isDrawn(letter: string): boolean {
  return (
    isWindows1252(letter) ||
    /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\u2010-\u2027\u2030-\u205e\u20a0-\u20b5\u2116]$/u.test(
      letter,
    )
  );
}
