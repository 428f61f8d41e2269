import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { readCsvClaim } from '../../src/claims/csv-rules.ts';
import { readJsonClaim } from '../../src/claims/json-rules.ts';
import { Refusal } from '../../src/platform/refusal.ts';

const read = (text: string | Buffer, currency = 'EUR') => readCsvClaim(Buffer.from(text), currency);

function refused(
  does: () => unknown,
): [code: string, line: number | undefined, field: string | undefined, detail: string] {
  // prettier-ignore
  try {
    does();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [error.kind.code, error.facts.line, error.facts.field, error.message];
  }
  throw new Error('It was not refused.');
}

const said = [
  { line: 2, customer: 'R-1', payment: null, amountMinor: 1250n },
  { line: 3, customer: null, payment: 'pay_x', amountMinor: -300n },
];

test.each([
  ['commas', 'customer,payment,amount\nR-1,,12.50\n,pay_x,-3\n'],
  ['semicolons', 'customer;payment;amount\nR-1;;12.50\n;pay_x;-3\n'],
  ['tabs', 'customer\tpayment\tamount\nR-1\t\t12.50\n\tpay_x\t-3\n'],
  ['a byte order mark', '\uFEFFcustomer,payment,amount\nR-1,,12.50\n,pay_x,-3\n'],
  ['CR LF and no end of the last line', 'customer,payment,amount\r\nR-1,,12.50\r\n,pay_x,-3'],
  ['quotes', '"customer","payment","amount"\n"R-1","","12.50"\n"","pay_x","-3.00"\n'],
  ['another order, and a currency', 'amount,currency,payment,customer\n12.50,EUR,,R-1\n-3,EUR,pay_x,\n'], // prettier-ignore
])('a claim is read with %s', (_, text) => {
  expect(read(text)).toEqual(said);
});

test.each([
  ['12,50', 'comma'],
  ['1,234.50', 'comma'],
  ['1.234,50', 'comma'],
  ['1.234', 'decimals'],
  ["1'234.50", 'plain digits'],
  ['1 234.50', 'plain digits'],
  ['+12.50', 'plain digits'],
  ['12.50-', 'plain digits'],
  ['(12.50)', 'plain digits'],
  ['1e3', 'plain digits'],
  ['€12.50', 'plain digits'],
  ['=12+1', 'plain digits'],
  ['', 'missing'],
  [' 12.50', 'plain digits'],
  ['01.50', 'plain digits'],
  ['90071992547409.93', '2^53'],
])('the amount "%s" is refused by its line, never guessed', (amount, why) => {
  const text = `customer;amount\nR-1;1.00\nR-2;${amount}\n`;
  const [code, line, field, detail] = refused(() => read(text));
  expect([code, line, field]).toEqual(['claim-invalid', 3, 'amount']);
  expect(detail).toContain(why);
});

test('an amount has the decimals of its currency', () => {
  const amounts = (text: string, currency: string) =>
    read(`customer,amount\nR-1,${text}\n`, currency)[0]?.amountMinor;
  expect([amounts('1.234', 'KWD'), amounts('12', 'JPY'), amounts('12', 'EUR')]).toEqual([1234n, 12n, 1200n]); // prettier-ignore
  expect(refused(() => amounts('12.5', 'JPY'))[2]).toBe('amount');
});

test.each([
  ['UTF-16', Buffer.from('\uFEFFcustomer,amount\nR-1,1\n', 'utf16le'), 'UTF-16'],
  ['Latin-1', Buffer.from('customer,amount\nMüller,1\n', 'latin1'), 'not UTF-8'],
  ['no text', Buffer.from('customer,amount\nR\0,1\n'), 'NUL'],
  ['nothing', Buffer.alloc(0), 'first line'],
  ['no lines', Buffer.from('customer,amount\n'), 'no lines'],
  ['no header', Buffer.from('R-1,12.50\nR-2,3\n'), 'first line'],
  ['a column that there is not', Buffer.from('customer,amount,email\nR-1,1,x\n'), 'first line'],
  ['a column twice', Buffer.from('customer,amount,amount\nR-1,1,2\n'), 'first line'],
  ['two separators', Buffer.from('customer;payment,amount\nR-1;x,2\n'), 'first line'],
  ['nobody', Buffer.from('payment,amount\n,2\n'), 'names a customer'],
  ['a row too short', Buffer.from('customer,payment,amount\nR-1,2\n'), 'has 2 fields'],
  ['a decimal comma between commas', Buffer.from('customer,amount\nR-1,12,50\n'), 'has 3 fields'],
  ['an open quote', Buffer.from('customer,amount\n"R-1,12\n'), 'never closed'],
  ['a quote amid', Buffer.from('customer,amount\nR"1,12\n'), 'quote'],
  ['another currency', Buffer.from('customer,amount,currency\nR-1,12,USD\n'), 'is not EUR'],
  ['a control character', Buffer.from('customer,amount\nR\u0007,12\n'), 'printable'],
])('a file with %s is refused, with why', (_, bytes, why) => {
  const [code, , , detail] = refused(() => readCsvClaim(bytes, 'EUR'));
  expect([code, detail]).toEqual(['claim-invalid', expect.stringContaining(why)]);
});

test('of many bad lines the first twenty are named, and how many there are', () => {
  const rows = Array.from({ length: 50 }, (_, n) => `R-${String(n)},${n % 2 ? '1' : 'x'}`);
  const [, line, field, detail] = refused(() => read(`customer,amount\n${rows.join('\n')}\n`));
  expect([line, field]).toEqual([2, 'amount']);
  expect(detail).toMatch(/^25 lines are wrong: line 2, amount: .*; and 5 more\.$/);
});

test('a formula in a name stays a name, and nothing of a row is lost in quotes', () => {
  const names = fc.stringMatching(/^[=+@"a-zß;,.-]{1,20}$/);
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 20 }), (customers) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = customers.map((name) => `${quoted(name)};1.00`).join('\n');
      expect(read(`customer;amount\n${text}\n`).map(({ customer }) => customer)).toEqual(customers);
    }),
  );
});

test('no file whatsoever breaks the reading: it is a claim or a refusal', () => {
  const pieces = fc.constantFrom('customer', 'payment', 'amount', ',', ';', '\t', '\n', '\r\n', '"', '1.5', '-', 'ä', '\uFEFF', '\0', ' '); // prettier-ignore
  const texts = fc
    .array(pieces, { maxLength: 40 })
    .map((all) => `customer,amount\n${all.join('')}`);
  const bytes = fc.oneof(texts.map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 60 }).map((all) => Buffer.from(all))); // prettier-ignore
  fc.assert(
    fc.property(bytes, (file) => {
      try {
        expect(readCsvClaim(file, 'EUR').length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
    { numRuns: 1000 },
  );
});

test('too many lines are refused, and amounts that add up to more than can be told', () => {
  const many = `customer,amount\n${'R,1\n'.repeat(50_001)}`;
  expect(refused(() => read(many))[0]).toBe('claim-too-long');
  const large = Array.from({ length: 2 }, () => ({ customer: 'R', amount: 2 ** 52 }));
  expect(refused(() => readJsonClaim(Buffer.from(JSON.stringify({ lines: large }))))[3]).toContain('2^52'); // prettier-ignore
});

test.each([
  ['{', undefined, 1],
  ['{"lines":[]}', '/lines', undefined],
  ['{"lines":[{"customer":"R","amount":1},{"customer":"R"}]}', '/lines/1/amount', 2],
  ['{"lines":[{"customer":"R","amount":1.5}]}', undefined, 1],
  ['{"lines":[{"customer":"R","amount":"1"}]}', '/lines/0/amount', 1],
  ['{"lines":[{"amount":1}]}', 'customer', 1],
  ['{"lines":[{"customer":"R","amount":1,"currency":"EUR"}]}', '/lines/0/currency', 1],
])('the JSON %s is refused by field and line', (text, field, line) => {
  const [code, itsLine, itsField] = refused(() => readJsonClaim(Buffer.from(text)));
  expect([code, itsField, itsLine]).toEqual(['claim-invalid', field, line]);
});
