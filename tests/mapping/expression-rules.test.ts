import { expect, test } from '@jest/globals';
import jsonata from 'jsonata';
import { faultsOf } from '../../src/mapping/expression-rules.ts';

const named = { timeZone: 'UTC', currency: 'EUR' };
const faults = (expression: string, assumptions: object = named) =>
  faultsOf(jsonata(expression).ast(), ['lines'], assumptions);

test.each([
  ['price + 1', 7, '+'],
  ['price - 1', 7, '-'],
  ['price * 2', 7, '*'],
  ['price / 2', 7, '/'],
  ['price % 2', 7, '%'],
  ['-price', 1, '-'],
  ['[1..5]', 4, '..'],
  ['{"a": [{"b": lines.(price * quantity)}]}', 27, '*'],
  ['$lines[price * 2 > 3]', 14, '*'],
  ['$lines^(price * 2)', 15, '*'],
  ['$lines{id: price * 2}', 18, '*'],
  ['function($x){ $x * 2 }(price)', 18, '*'],
  ['a ? b : c * d', 11, '*'],
  ['$sum(lines.price)', 4, '$sum'],
  ['lines.price ~> $sum', 19, '$sum'],
  ['$map(lines, $sum)', 16, '$sum'],
  ['lines.$number(price)', 13, '$number'],
  ['($f := $round; $f(1))', 13, '$round'],
  ['$average(?)', 8, '$average'],
  ['$now()', 4, '$now'],
  ['$millis()', 7, '$millis'],
  ['$random()', 7, '$random'],
  ['$eval("1 + 1")', 5, '$eval'],
  ['$shuffle(lines)', 8, '$shuffle'],
  ['$toMillis(date)', 9, '$toMillis'],
  ['$formatNumber(1, "0")', 13, '$formatNumber'],
  ['$unknown', 8, '$unknown'],
  ['$ledger.amount', 7, '$ledger'],
  ['0.1', 3, '0.1'],
  ['$contains(name, /(a+)+$/)', 24, 'regular expression'],
  ['$ ~> |lines|{"a": 1}|', 6, 'transform'],
  ['$map(lines, $minor)', 18, '$minor must be called'],
])('%s is refused', (expression, position, what) => {
  const [first, ...others] = faults(expression);
  expect(others).toEqual([]);
  expect(first?.reason).toContain(what);
  expect(first?.position).toBe(position);
});

test.each([
  '{"id": $string(id), "name": first & " " & last}',
  '[$lines.{"amount": $minor(price)}]',
  '$lines[quantity > 3 and price != "0"][0].id',
  'lines.price.%.id',
  '$minor(?, "EUR")',
  '$count($lines) >= 2 ? "many" : "few"',
  '($total := $addMinor($lines.$minor(price)); {"total": $total})',
  '$map($lines, function($line, $index) { {"id": $line.id, "at": $index} })',
  '$lines^(>id).id',
  '$lines@$line#$at.{"id": $line.id, "at": $at}',
  'price ~> $minor("USD")',
  '*.id in ["a", "b"]',
  '**.id',
  'items{type: $count(id)}',
  'name ?: "none"',
  'name ?? "none"',
  '{"amount": -3}',
])('%s is allowed', (expression) => {
  expect(faults(expression)).toEqual([]);
});

test('an amount without a currency and a local time without a zone are refused', () => {
  expect(faults('$minor(a)', {})).toMatchObject([{ reason: expect.stringMatching(/currency/) }]);
  expect(faults('a ~> $minor', {})).toMatchObject([{ reason: expect.stringMatching(/currency/) }]);
  expect(faults('a ~> $minor()', {})).toMatchObject([
    { reason: expect.stringMatching(/currency/) },
  ]);
  expect(faults('$instant(a)', {})).toMatchObject([{ reason: expect.stringMatching(/time zone/) }]);
  expect(faults('[$minor(a, "EUR"), a ~> $minor("EUR"), $instant(a, "UTC"), $day(a)]', {})).toEqual(
    [],
  );
});

test('faults come in the order of the text', () => {
  const positions = faults('{"a": b + c, "d": $sum(e), "f": $now()}').map((f) => f.position);
  expect(positions).toEqual([...positions].sort((one, other) => one - other));
  expect(positions).toHaveLength(3);
});
