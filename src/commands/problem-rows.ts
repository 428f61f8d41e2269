import { failWith, printRows, type Printing } from './frame.ts';

/**
 * Prints every problem of a document that a person wrote and makes the command end with 1; says
 * whether there was one.
 */
export function printProblems(
  problems: readonly { field: string; detail: string; promise?: string }[],
  printing: Printing,
): boolean {
  if (problems.length === 0) return false;
  const rows = problems.map(({ field, promise, detail }) => ({
    field: field === '' ? '/' : field,
    promise: promise ?? '',
    problem: detail,
  }));
  printRows(rows, printing);
  failWith(1);
  return true;
}
