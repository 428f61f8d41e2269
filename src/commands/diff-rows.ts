import type { Cell } from './frame.ts';

/** A part of a diff: rows for people under a title; '' where it has none. */
export interface DiffTable {
  readonly title: string;
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/**
 * A proposal's diff, which may be any JSON value, as tables that people can read: a list becomes the
 * rows of a table, an object one table of its plain values and one of each part below.
 */
export function tablesOfDiff(diff: unknown): DiffTable[] {
  return tablesOf('', diff).filter(({ rows }) => rows.length > 0);
}

function tablesOf(title: string, value: unknown): DiffTable[] {
  if (Array.isArray(value)) return [{ title, rows: value.map(rowOf) }];
  if (!isObject(value)) return [{ title, rows: [{ value: cellOf(value) }] }];
  const parts = Object.entries(value);
  const plain = parts.filter(([, part]) => !isDeep(part));
  const deep = parts.filter(([, part]) => isDeep(part));
  const name = (key: string) => printable(title === '' ? key : `${title}.${key}`);
  return [
    { title, rows: plain.map(([key, part]) => ({ what: printable(key), value: cellOf(part) })) },
    ...deep.flatMap(([key, part]) => tablesOf(name(key), part)),
  ];
}

function rowOf(value: unknown): Readonly<Record<string, Cell>> {
  if (!isObject(value)) return { value: cellOf(value) };
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [printable(key), cellOf(part)]),
  );
}

/** Plain values as they are, lists of them side by side, everything deeper as JSON. */
function cellOf(value: unknown): Cell {
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || value === undefined) return '–';
  const isFlat = Array.isArray(value) && !value.some((one) => typeof one === 'object');
  return printable(isFlat ? value.map(String).join(', ') : JSON.stringify(value));
}

/** Who proposes must not write on the terminal of who decides: controls are named, not sent. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

/** An object, or a list that is a table of its own: one that holds objects. */
function isDeep(value: unknown): boolean {
  return isObject(value) || (Array.isArray(value) && value.some(isObject));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
