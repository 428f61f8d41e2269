import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readCsv } from '../../src/loading/read-csv.ts';
import { all, inShort, linesOf } from './reading.ts';

const read = async (text: string | Buffer, delimiter?: string) =>
  inShort(await all(readCsv(linesOf(text), delimiter)));

test('a row is named by the line it begins on, whatever stands in quotes', async () => {
  expect(await read('a,b\r\n1,"x\r\ny\r\n"\r\n\r\n"q""q",\r\n4,"a,b"')).toEqual([
    [2, { a: '1', b: 'x\ny\n' }],
    [6, { a: 'q"q', b: '' }],
    [7, { a: '4', b: 'a,b' }],
  ]);
});

test('a byte order mark, another delimiter and blanks at the ends', async () => {
  expect(await read('\uFEFFa;b\n 1 ;"x;y"\n', ';')).toEqual([[2, { a: ' 1 ', b: 'x;y' }]]);
});

test('what cannot be read is a problem of its line, and reading goes on', async () => {
  const broken = Buffer.concat([
    Buffer.from('a,b\n1\n1,2,3\nx"y,2\n"x"y,2\n'),
    Buffer.from([0xff, 0x2c, 0x31, 0x0a]),
    Buffer.from('nul\0,2\nlone\rreturn,2\n3,4\n'),
  ]);
  expect(await read(broken)).toEqual([
    [2, 'wrong-columns'],
    [3, 'wrong-columns'],
    [4, 'csv-malformed'],
    [5, 'csv-malformed'],
    [6, 'not-utf8'],
    [7, 'control-character'],
    [8, 'control-character'],
    [9, { a: '3', b: '4' }],
  ]);
});

test('a broken record of several lines says how far it went', async () => {
  const reads = await all(readCsv(linesOf('a,b\n1,"x\ny" z\n3,4\n')));
  expect(inShort(reads)).toEqual([
    [2, 'csv-malformed'],
    [4, { a: '3', b: '4' }],
  ]);
  expect(reads[0]).toMatchObject({ reason: expect.stringContaining('lines 2 to 3') });
});

test('a quote that never closes ends the file', async () => {
  const open = await all(readCsv(linesOf('a,b\n1,2\n3,"x\n5,6\n')));
  expect(inShort(open)).toEqual([
    [2, { a: '1', b: '2' }],
    [3, 'csv-malformed'],
  ]);
  expect(open[1]).toMatchObject({ stops: true });
  const long = `a,b\n1,"${'x\n'.repeat(600_000)}","z"\n3,4\n`;
  expect(inShort(await all(readCsv(linesOf(long, 65_536))))).toEqual([[2, 'csv-malformed']]);
});

test.each(['a,a\n1,2\n', 'a,\n1,2\n', 'a,__proto__\n1,2\n', 'a,"b\n1,2\n', 'a,x"b\n1,2\n'])(
  'without a usable header nothing is read: %j',
  async (text) => {
    const reads = await all(readCsv(linesOf(text)));
    expect(reads).toEqual([expect.objectContaining({ line: 1, stops: true })]);
  },
);

test('what a CSV writer writes is read back', async () => {
  const field = fc
    .array(fc.constantFrom('a', '"', ',', '\n', 'é', ' '), { maxLength: 6 })
    .map((s) => s.join(''));
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const row = fc.tuple(field, field);
  await fc.assert(
    fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 9 }), async (rows, size) => {
      const text = ['"a","b"', ...rows.map((fields) => fields.map(quoted).join(','))].join('\n');
      const reads = await all(readCsv(linesOf(text, size)));
      expect(reads.map((one) => 'row' in one && one.row)).toEqual(rows.map(([a, b]) => ({ a, b })));
      const lines = rows.map(
        (_, index) => 2 + index + rows.slice(0, index).flat().join('').split('\n').length - 1,
      );
      expect(reads.map(({ line }) => line)).toEqual(lines);
      expect(parse(text).slice(1)).toEqual(rows);
    }),
  );
});
