/** Whether a text of people has 1 to `most` printable characters, not all of them blank. */
export function isPrintable(text: string, most: number): boolean {
  return text.length <= most && text.trim() !== '' && /^\P{C}+$/u.test(text);
}
