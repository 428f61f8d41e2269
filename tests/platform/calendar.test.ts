import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDate, isInstant } from '../../src/platform/calendar.ts';

const years1000To9999 = {
  min: new Date('1000-01-01'),
  max: new Date('9999-12-31'),
  noInvalidDate: true,
};

test('every day and instant that Date writes is one', () => {
  fc.assert(
    fc.property(fc.date(years1000To9999), (date) => {
      expect(isInstant(date.toISOString())).toBe(true);
      expect(isDate(date.toISOString().slice(0, 10))).toBe(true);
    }),
  );
});

test('a text is a date exactly when Date reads it as that very day', () => {
  const part = (most: number) => fc.nat(most).map((n) => String(n).padStart(2, '0'));
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 9999 }), part(13), part(32), (year, month, day) => {
      const text = `${String(year)}-${month}-${day}`;
      const read = new Date(`${text}T00:00:00Z`);
      const isSame = !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text);
      expect([text, isDate(text)]).toEqual([text, isSame]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '', 'infinity', '-infinity', 'now', 'epoch', '2026', '2026-11', '2026-11-22T', '20261122', '2026-W47-7',
  '0000-01-01', '0999-12-31', '+2026-11-22', '12026-11-22', '2026-02-29', '1900-02-29', '2026-04-31',
  '2026-11-22 ', '2026-11-22\n', '２026-11-22',
])('%j is no date', (text) => {
  expect(isDate(text)).toBe(false);
}); // prettier-ignore

test.each([
  '2026-11-22', '2026-11-22T12:00:00', '2026-11-22 12:00:00Z', '2026-11-22t12:00:00z', '2026-11-22T24:00:00Z',
  '2026-11-22T23:59:60Z', '2026-11-22T12:00Z', '2026-11-22T12:00:00+0100', '2026-11-22T12:00:00+15:00',
  '2026-11-22T12:00:00.Z', '2026-11-22T12:00:00.1234567890Z', '2026-02-30T12:00:00Z', 'infinity',
])('%j is no instant', (text) => {
  expect(isInstant(text)).toBe(false);
}); // prettier-ignore

test.each([
  '2026-11-22T12:00:00Z',
  '2024-02-29T00:00:00.5-11:30',
  '2026-11-22T12:00:00.123456789+14:00',
])('%s is an instant', (text) => {
  expect(isInstant(text)).toBe(true);
});
