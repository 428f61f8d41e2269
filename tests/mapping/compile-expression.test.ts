import { expect, test } from '@jest/globals';
import { compileExpression } from '../../src/mapping/compile-expression.ts';
import type { Joined, Row } from '../../src/mapping/row.ts';

const assumptions = { timeZone: 'Europe/Berlin', currency: 'EUR' };

async function map(expression: string, row: Row = {}, joined: Joined = {}) {
  const mapper = await compileExpression(expression, Object.keys(joined), assumptions);
  if (typeof mapper !== 'function') throw new Error(JSON.stringify(mapper));
  return mapper(row, joined);
}
const recordsOf = async (...args: Parameters<typeof map>) => {
  const mapped = await map(...args);
  return 'records' in mapped ? mapped.records : mapped;
};

test('a row becomes a record, a list of records or nothing', async () => {
  expect(await recordsOf('{"id": $string(id)}', { id: 7 })).toEqual([{ id: '7' }]);
  expect(await recordsOf('list.{"id": $}', { list: ['a', 'b'] })).toEqual([
    { id: 'a' },
    { id: 'b' },
  ]);
  expect(await recordsOf('kind = "x" ? {"id": id}', { kind: 'y', id: 'a' })).toEqual([]);
  expect(await recordsOf('null', {})).toEqual([]);
});

test('null, empty text and empty objects are left out; blanks, zero and false stay', async () => {
  const row = { a: null, b: '', c: ' x ', d: 0, e: false, f: { g: null } };
  const expression =
    '{"a": a, "b": b, "c": c, "d": d, "e": e, "f": {"g": f.g}, "h": missing, "i": [a, c]}';
  expect(await recordsOf(expression, row)).toEqual([{ c: ' x ', d: 0, e: false, i: [' x '] }]);
});

test('joined rows are seen under their names, one line is still a list', async () => {
  const joined = { lines: [{ price: '0.10' }], ledger: { amount: '1.00' }, absent: undefined };
  const expression =
    '{"l": [$lines.{"p": $minor(price)}], "t": $minor($ledger.amount), "x": $absent.y}';
  expect(await recordsOf(expression, {}, joined)).toEqual([
    { l: [{ p: { amount: 10, currency: 'EUR' } }], t: { amount: 100, currency: 'EUR' } },
  ]);
});

test('own functions are exact', async () => {
  const row = { a: '0.10', b: '0.20', n: 3, big: '90071992547409.91', jpy: '5', d: '2021-07-01' };
  expect(await recordsOf('$addMinor([$minor(a), $minor(b)])', row)).toEqual([
    { amount: 30, currency: 'EUR' },
  ]);
  expect(await recordsOf('$multiplyMinor($minor(a), n)', row)).toEqual([
    { amount: 30, currency: 'EUR' },
  ]);
  expect(await recordsOf('$minor(big)', row)).toEqual([
    { amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' },
  ]);
  expect(await recordsOf('$minor(jpy, "JPY")', row)).toEqual([{ amount: 5, currency: 'JPY' }]);
  expect(await recordsOf('$minor(n)', row)).toEqual([{ amount: 300, currency: 'EUR' }]);
  expect(
    await recordsOf(
      '{"x": $minor(none), "y": $addMinor([]), "z": $multiplyMinor(none, n), "i": $instant(none), "d": $day("")}',
      row,
    ),
  ).toEqual([{}]);
  expect(await recordsOf('{"i": $instant(d), "j": $instant(d, "UTC"), "d": $day(d)}', row)).toEqual(
    [{ i: '2021-06-30T22:00:00Z', j: '2021-07-01T00:00:00Z', d: '2021-07-01' }],
  );
});

test.each([
  ['$minor("1.005")', 'too-many-decimals'],
  ['$minor("1,00")', 'not-an-amount'],
  ['$minor("1.00", "XYZ")', 'unknown-currency'],
  ['$minor("99999999999999999")', 'amount-too-large'],
  ['$minor(true)', 'value-invalid'],
  ['$minor("1.00", 2)', 'value-invalid'],
  ['$addMinor([$minor("1", "EUR"), $minor("1", "USD")])', 'value-invalid'],
  ['$addMinor(["1.00"])', 'value-invalid'],
  ['$multiplyMinor($minor("1"), "1.5")', 'value-invalid'],
  ['$multiplyMinor($minor("90071992547409.91"), 2)', 'value-invalid'],
  ['$instant("yesterday")', 'value-invalid'],
  ['$instant("2021-01-01", "Mars/Base")', 'value-invalid'],
  ['{"f": $string}', 'value-invalid'],
  ['{"f": function(){ 1 }}', 'value-invalid'],
  ['$error("no")', 'mapping-failed'],
  ['$uppercase(3)', 'mapping-failed'],
  ['($f := function(){ [$f()] }; $f())', 'mapping-failed'],
])('%s rejects the row as %s', async (expression, code) => {
  expect(await map(expression)).toMatchObject({ code, reason: expect.stringMatching(/\S/) });
});

test('an expression that does not end is stopped', async () => {
  const mapped = await map('($f := function($n){ $f($n) }; $f(1))');
  expect(mapped).toMatchObject({ code: 'mapping-failed', endless: true });
});

test('a name that hides a function and broken syntax are faults', async () => {
  const faults = async (expression: string, joins: string[] = []) =>
    JSON.stringify(await compileExpression(expression, joins, assumptions));
  expect(await faults('($sum := $sum; $sum(a))')).toContain('$sum is the name of a function');
  expect(await faults('function($now){ $now }(1)')).toContain('$now is the name of a function');
  expect(await faults('a@$minor.b')).toContain('$minor is the name of a function');
  expect(await faults('a', ['string'])).toContain('$string is the name of a function');
  expect(await faults('{"a": ')).toMatch(/position":6/);
});
