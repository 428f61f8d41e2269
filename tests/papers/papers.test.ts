import { parse } from 'csv-parse/sync';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  csvHead,
  csvOfLines,
  csvTail,
  type Paper,
  type PaperLine,
} from '../../src/papers/index.ts';
import { amountText, printable } from '../../src/papers/layout-rules.ts';

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
  ...{ status: 'closed', sha256: 'ab', paymentReference: null },
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

test.each([
  [money(0), '0.00'],
  [money(-123456789), '–1,234,567.89'],
  [money(1234, 'JPY'), '1,234'],
  [money(1234567, 'BHD'), '1,234.567'],
])('%o reads as %s', (amount, text) => {
  expect(amountText(amount)).toBe(text);
});

test('a name keeps the letters that the font has, loses accents it has not, and says where it can’t', () => {
  expect(printable('Müller & Søn – “Café”')).toBe('Müller & Søn – “Café”');
  expect(printable('Zażółć')).toBe('Zazó?c');
  expect(printable('株式会社 A')).toBe('???? A');
});
