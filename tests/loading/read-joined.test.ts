import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys, keyOf } from '../../src/loading/key-rules.ts';
import { readJoined } from '../../src/loading/read-joined.ts';
import type { RowRead } from '../../src/loading/report.ts';
import { all } from './reading.ts';

async function* rowsOf(keys: readonly unknown[]): AsyncGenerator<RowRead> {
  for (const [index, id] of keys.entries()) {
    yield await Promise.resolve({ line: index + 1, row: { id, at: index } });
  }
}

const joinOf = (
  main: readonly unknown[],
  lines: readonly unknown[],
  one: readonly unknown[] = [],
) =>
  all(
    readJoined(
      { file: 'main', key: 'id', rows: rowsOf(main) },
      [
        { file: 'lines', key: 'id', name: 'lines', many: true, rows: rowsOf(lines) },
        { file: 'one', key: 'id', name: 'one', many: false, rows: rowsOf(one) },
      ],
      'number',
    ),
  );
const problemsOf = (reads: Awaited<ReturnType<typeof joinOf>>) =>
  reads.flatMap((read) => ('code' in read ? [`${read.file}:${read.line} ${read.code}`] : []));

test('rows of several files meet by their key, text or number', async () => {
  const reads = await joinOf([1, '2', 10], ['1', 1, 10], ['02', 10]);
  expect(reads).toEqual([
    { line: 1, row: { id: 1, at: 0 }, joined: { lines: [{ id: '1', at: 0 }, { id: 1, at: 1 }], one: undefined } }, // prettier-ignore
    { line: 2, row: { id: '2', at: 1 }, joined: { lines: [], one: { id: '02', at: 0 } } },
    { line: 3, row: { id: 10, at: 2 }, joined: { lines: [{ id: 10, at: 2 }], one: { id: 10, at: 1 } } }, // prettier-ignore
  ]);
});

test('lines without a main row, keys that come twice and rows without a key are named', async () => {
  const reads = await joinOf([2, 2, 'x', null, 3], [1, 2, 4, 5], [2, 2, 3]);
  expect(problemsOf(reads).sort()).toEqual([
    'lines:1 no-parent',
    'lines:3 no-parent',
    'lines:4 no-parent',
    'main:1 joined-line-unusable',
    'main:2 key-twice',
    'main:3 no-key',
    'main:4 no-key',
    'one:2 key-twice',
  ]);
  expect(reads.filter((read) => 'row' in read)).toHaveLength(1);
});

test.each([
  [[null, 1, 4], [1]],
  [[1, null, 1, 4], [1]],
  [
    [1, null, 4],
    [1, 2, 3, 4],
  ],
  [
    [1, null],
    [1, 2, 3, 4, 5],
  ],
  [
    [2, 2, null, 3],
    [2, 3],
  ],
  [[0, null, 0, 1], []],
])('of %j no row is made that may lack a line', async (lines, lacking) => {
  const reads = await joinOf([1, 2, 3, 4, 5], lines);
  const kept = reads.flatMap((read) => ('row' in read ? [read.row['id']] : []));
  expect(kept).toEqual([1, 2, 3, 4, 5].filter((key) => !lacking.includes(key)));
});

test.each([
  ['main', [1, 3, 2], [], 'main:3 not-sorted'],
  ['lines', [1, 2, 3], [2, 1], 'lines:2 not-sorted'],
  ['text order of numbers', [1, 10, 2], [], 'main:3 not-sorted'],
])('a file that is not sorted is named: %s', async (_, main, lines, problem) => {
  const reads = await joinOf(main, lines);
  expect(problemsOf(reads)).toContain(problem);
  expect(reads).toContainEqual(expect.objectContaining({ stops: true }));
});

test('the join equals a search through all rows', async () => {
  const sorted = fc
    .array(fc.integer({ min: 0, max: 12 }), { maxLength: 20 })
    .map((keys) => keys.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(sorted, sorted, sorted, async (main, lines, one) => {
      const reads = await joinOf(main, lines, one);
      const rows = (keys: number[]) => keys.map((id, at) => ({ id, at }));
      const mains = rows(main).filter(({ id, at }) => main.indexOf(id) === at);
      const isTwice = (id: number) => one.indexOf(id) !== one.lastIndexOf(id);
      const expected = mains
        .filter(({ id }) => !isTwice(id))
        .map((row) => ({
          line: row.at + 1,
          row,
          joined: {
            lines: rows(lines).filter(({ id }) => id === row.id),
            one: rows(one).find(({ id }) => id === row.id),
          },
        }));
      expect(reads.filter((read) => 'row' in read)).toEqual(expected);
      const problems = [
        ...mains
          .filter(({ id }) => isTwice(id))
          .map(({ at }) => `main:${at + 1} joined-line-unusable`),
        ...rows(main)
          .filter(({ id, at }) => main.indexOf(id) < at)
          .map(({ at }) => `main:${at + 1} key-twice`),
        ...rows(lines)
          .filter(({ id }) => !main.includes(id))
          .map(({ at }) => `lines:${at + 1} no-parent`),
        ...rows(one)
          .filter(({ id }) => !main.includes(id))
          .map(({ at }) => `one:${at + 1} no-parent`),
        ...rows(one)
          .filter(({ id, at }) => main.includes(id) && one.indexOf(id) < at)
          .map(({ at }) => `one:${at + 1} key-twice`),
      ];
      expect(problemsOf(reads).sort()).toEqual(problems.sort());
    }),
  );
});

test('keys as text are in the order of their bytes', () => {
  const texts = ['', 'Z', 'a', 'aa', 'é', '\uffee', '𝄞'];
  const keys = texts.slice(1).map((text) => keyOf(text, 'text') ?? '');
  expect([...keys].reverse().sort(compareKeys)).toEqual(keys);
  expect(keyOf('', 'text')).toBeUndefined();
  expect(keyOf('1.0', 'number')).toBeUndefined();
  expect(keyOf(true, 'text')).toBeUndefined();
});
