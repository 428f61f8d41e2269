import { expect, test } from '@jest/globals';
import { readNdjson } from '../../src/loading/read-ndjson.ts';
import { all, inShort, linesOf } from './reading.ts';

const read = async (text: string | Buffer) => inShort(await all(readNdjson(linesOf(text))));

test('a row is a line; blank lines are passed over and counted', async () => {
  expect(await read('{"a": 1}\r\n\n \t\n{"b": null}\n')).toEqual([
    [1, { a: 1 }],
    [4, { b: null }],
  ]);
});

test('what cannot be read is a problem of its line, and reading goes on', async () => {
  const lines = [
    Buffer.from('{"a": 1, "a": 2}'),
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from('{"a": 1'),
    Buffer.from('[1]'),
    Buffer.from('7'),
    Buffer.from('{"a": 0.1}'),
    Buffer.from('{"a": 1e3}'),
    Buffer.from('{"a": 9007199254740993}'),
    Buffer.from('{"__proto__": 1}'),
    Buffer.from('{"a": "\\u0000"}'),
    Buffer.from(`{"a": "${'x'.repeat(1_000_000)}"}`),
    Buffer.from('{"ok": true}'),
  ];
  expect(await read(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))).toEqual([
    [1, 'duplicate-key'],
    [2, 'not-utf8'],
    [3, 'malformed-json'],
    [4, 'not-an-object'],
    [5, 'not-an-object'],
    [6, 'not-an-integer'],
    [7, 'not-an-integer'],
    [8, 'unsafe-integer'],
    [9, 'forbidden-key'],
    [10, 'control-character'],
    [11, 'line-too-long'],
    [12, { ok: true }],
  ]);
});

test('integers that JSONata would write with fewer digits arrive as text', async () => {
  expect(
    await read('{"a": 999999999999999, "b": [{"c": 1234567890123456}], "d": -9007199254740991}'),
  ).toEqual([[1, { a: 999999999999999, b: [{ c: '1234567890123456' }], d: '-9007199254740991' }]]);
});

test('the reason names the column and not the value', async () => {
  const [problem] = await all(readNdjson(linesOf('{"card": "4111", "card": "4111"}')));
  expect(problem).toMatchObject({ reason: expect.stringMatching(/\(column 18\)/) });
  expect(JSON.stringify(problem)).not.toContain('4111');
});
