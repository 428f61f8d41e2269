import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maxLineBytes } from '../../src/loading/read-lines.ts';
import { all, linesOf } from './reading.ts';

const textsOf = async (text: string | Buffer, size?: number) =>
  (await all(linesOf(text, size))).flat().map(({ number, bytes }) => [number, bytes?.toString()]);

test('lines end with LF or CRLF, the last one also without', async () => {
  expect(await textsOf('a\nb\r\n\nc')).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, ''],
    [4, 'c'],
  ]);
  expect(await textsOf('a\n')).toEqual([[1, 'a']]);
  expect(await textsOf('')).toEqual([]);
});

test('a byte order mark counts at the very beginning only', async () => {
  expect(await textsOf('\uFEFFa\n\uFEFFb', 2)).toEqual([
    [1, 'a'],
    [2, '\uFEFFb'],
  ]);
});

test('a line that is too long is passed over, and the next is read', async () => {
  const longest = 'x'.repeat(maxLineBytes);
  expect(await textsOf(`${longest}\r\n${longest}x\nb`, 65_536)).toEqual([
    [1, longest],
    [2, undefined],
    [3, 'b'],
  ]);
  expect(await textsOf(`${longest}${longest}`, 65_536)).toEqual([[1, undefined]]);
});

test('wherever the stream is cut, the lines are those of the whole text', async () => {
  const texts = fc
    .array(fc.constantFrom('a', 'é', '𝄞', '\n', '\r\n', '"', ' '))
    .map((s) => s.join(''));
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 9 }), async (text, size) => {
      const whole = text.split(/\r?\n/);
      if (whole.at(-1) === '') whole.pop();
      expect(await textsOf(text, size)).toEqual(whole.map((line, index) => [index + 1, line]));
    }),
  );
});
