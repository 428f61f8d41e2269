import type { Joined, KeyOrder, Row } from '../mapping/index.ts';
import { compareKeys, type Key, keyOf } from './key-rules.ts';
import type { LineProblem, RowRead } from './report.ts';

/** Rows sorted by the key in one of their fields. */
export interface SortedRows {
  readonly file: string;
  readonly key: string;
  readonly rows: AsyncIterable<RowRead>;
}
export interface SortedJoin extends SortedRows {
  readonly name: string;
  readonly many: boolean;
}

export type JoinedRead =
  | { readonly line: number; readonly row: Row; readonly joined: Joined }
  | (LineProblem & { readonly file: string });

/** More rows than this of one key are no lines of one record. */
export const maxRowsOfKey = 10_000;

/**
 * Joins files that are sorted by the same key, in one pass that holds one row of each file and the
 * rows of one key. A key that comes twice in the main file (or in a join that gives one row), a row
 * without a key and a joined row without its main row are problems of their line; so is a main row
 * to which a joined line that cannot be used may belong: no record is made of half its lines. A
 * file that turns out not to be sorted stops everything.
 */
export async function* readJoined(
  main: SortedRows,
  joins: readonly SortedJoin[],
  order: KeyOrder,
): AsyncGenerator<JoinedRead> {
  const cursors = joins.map((join): Cursor => ({ join, keyed: keyedRows(join, order), next: undefined, isGap: false })); // prettier-ignore
  for (const cursor of cursors) yield* advance(cursor);
  let last: Key | undefined;
  for await (const item of keyedRows(main, order)) {
    if (!('key' in item) || item.key === last) {
      yield 'key' in item ? { file: main.file, line: item.line, ...keyTwice } : item;
      continue;
    }
    last = item.key;
    const joined: Record<string, Row | readonly Row[] | undefined> = {};
    let doubtful: string | undefined;
    for (const cursor of cursors) {
      const { file, name, many } = cursor.join;
      const { rows, isWhole } = yield* rowsOfKey(cursor, item.key);
      joined[name] = many ? rows : rows[0];
      if (!isWhole) doubtful ??= file;
    }
    const { line, row } = item;
    if (doubtful === undefined) yield { line, row, joined };
    else yield { file: main.file, line, code: 'joined-line-unusable', reason: `A line of ${doubtful} that belongs, or may belong, to this row cannot be used.` }; // prettier-ignore
  }
  for (const cursor of cursors) {
    while (cursor.next) {
      yield { file: cursor.join.file, line: cursor.next.line, ...noParent };
      yield* advance(cursor);
    }
  }
}

/** A joined file while it is read. */
interface Cursor {
  readonly join: SortedJoin;
  readonly keyed: AsyncGenerator<Keyed | FileProblem>;
  next: Keyed | undefined;
  /** Whether lines just before `next` could not be used: their keys are not known. */
  isGap: boolean;
}

/** Moves to the next row that has a key. */
async function* advance(cursor: Cursor): AsyncGenerator<FileProblem> {
  cursor.next = undefined;
  cursor.isGap = false;
  for (let item = await cursor.keyed.next(); !item.done; item = await cursor.keyed.next()) {
    if ('key' in item.value) {
      cursor.next = item.value;
      return;
    }
    cursor.isGap = true;
    yield item.value;
  }
}

/** The rows of a key, and whether they are all that the file has for it. */
async function* rowsOfKey(
  cursor: Cursor,
  key: Key,
): AsyncGenerator<FileProblem, { rows: Row[]; isWhole: boolean }> {
  const { file, many } = cursor.join;
  const rows: Row[] = [];
  let isWhole = true;
  while (cursor.next && compareKeys(cursor.next.key, key) <= 0) {
    const { line, row } = cursor.next;
    if (cursor.next.key !== key) {
      yield { file, line, ...noParent };
    } else {
      if (cursor.isGap) isWhole = false;
      const most = many ? maxRowsOfKey : 1;
      if (rows.length < most) rows.push(row);
      else {
        isWhole = false;
        yield { file, line, ...(many ? tooMany : keyTwice) };
      }
    }
    yield* advance(cursor);
  }
  return { rows, isWhole: isWhole && !cursor.isGap };
}

interface Keyed {
  readonly line: number;
  readonly row: Row;
  readonly key: Key;
}
type FileProblem = LineProblem & { readonly file: string };

const keyTwice = { code: 'key-twice', reason: 'The key stood in an earlier row already.' };
const noParent = { code: 'no-parent', reason: 'No row of the main file has this key.' };
const tooMany = {
  code: 'too-many-rows',
  reason: `More than ${String(maxRowsOfKey)} rows have this key.`,
};

async function* keyedRows(
  { file, key: field, rows }: SortedRows,
  order: KeyOrder,
): AsyncGenerator<Keyed | FileProblem> {
  let last: Keyed | undefined;
  for await (const item of rows) {
    if (!('row' in item)) {
      yield { file, ...item };
      continue;
    }
    const { line, row } = item;
    const key = keyOf(row[field], order);
    if (key === undefined) {
      const wanted = order === 'number' ? 'an integer' : 'text';
      yield { file, line, code: 'no-key', reason: `The field ${field} is not ${wanted}.` };
      continue;
    }
    if (last && compareKeys(last.key, key) > 0) {
      const reason = `The file is not sorted by ${field} (as ${order}): line ${String(line)} belongs before line ${String(last.line)}.`;
      yield { file, line, code: 'not-sorted', reason, stops: true };
      return;
    }
    last = { line, row, key };
    yield last;
  }
}
