import { parse } from 'csv-parse/sync';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  csvHead,
  csvOfLines,
  csvTail,
  inOrderOfDays,
  type Paper,
  type PaperLine,
} from '../../src/papers/index.ts';
import { amountText } from '../../src/papers/layout-rules.ts';
import { needsMoreLetters, printable } from '../../src/papers/letter-rules.ts';

const money = (amount: number, currency = 'EUR') => ({ amount, currency });
const paper = (currency = 'EUR'): Paper => ({
  letterhead: ['The Ducallier Studios'],
  document: {
    ...{ v: 1, id: `2026-10.${currency}`, partner: { key: 'bright', name: 'Bright' }, currency },
    period: { from: '2026-10-01', until: '2026-11-01', timeZone: 'UTC' },
    closedAt: '2026-11-02T00:00:00.000Z',
    ...{ opening: money(-5, currency), accrued: money(0, currency), reversed: money(0, currency) },
    ...{ adjusted: money(0, currency), closing: money(-5, currency), payout: money(0, currency) },
    ...{ forfeited: money(0, currency), carriedForward: money(-5, currency) },
    ...{ lineCount: 0, adjustmentCount: 0, agreementVersions: [] },
    ...{ linesSha256: '', previousSha256: null },
  },
  ...{ status: 'closed', sha256: 'ab', paymentReference: null, steps: [] },
});

test('no cell of the CSV is a formula, whatever its text, and it is read back as it was', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '"', ',', '\n', 'a', '1'),
      }),
      fc.integer(),
      (text, amount) => {
        const line: PaperLine = { id: text, reason: text, amount: money(amount) };
        const csv = csvHead(paper()) + csvOfLines(paper(), [line]) + csvTail(paper());
        const rows = parse(csv, { columns: true, relax_quotes: false });
        const row = rows[1] as Record<string, string>;
        expect(row['reason']).not.toMatch(/^[=+\-@\t\r]/);
        expect([text, `'${text}`]).toContain(row['reason']);
        expect(row['amount']).toMatch(/^-?\d+\.\d\d$/);
      },
    ),
  );
});

test('lines are read by the day on which they are available, those without one after them', () => {
  const line = (id: string, availableOn?: string): PaperLine => {
    return { id, reason: 'earned', amount: money(1), ...(availableOn && { availableOn }) };
  };
  const told = [
    line('a'),
    line('b', '2026-10-09'),
    line('c', '2026-10-02'),
    line('d', '2026-10-09'),
  ];
  expect(inOrderOfDays(told).map(({ id }) => id)).toEqual(['c', 'b', 'd', 'a']);
});

test.each([
  [money(0), '0.00'],
  [money(-123456789), '–1,234,567.89'],
  [money(1234, 'JPY'), '1,234'],
  [money(1234567, 'BHD'), '1,234.567'],
])('%o reads as %s', (amount, text) => {
  expect(amountText(amount)).toBe(text);
});

test('a name keeps the letters that a family has, and says where none has them', () => {
  for (const name of ['Müller & Søn – “Café”', 'Zażółć Łódź', 'Őszi Şahin', 'Ελλάς', 'Київ № 1']) {
    expect(printable(name)).toBe(name);
  }
  expect(printable('Cafe\u0301')).toBe('Café');
  expect(printable('東京 Ltd')).toBe('?? Ltd');
  expect(printable('a\u202eb\u0000')).toBe('a?b?');
});

test('PDF’s own family serves until a name needs more letters', () => {
  const named = (name: string) => {
    const { document, ...rest } = paper();
    return needsMoreLetters({ ...rest, document: { ...document, partner: { key: 'bright', name } } }); // prettier-ignore
  };
  expect([named('Müller & Søn'), named('Łódź')]).toEqual([false, true]);
});
