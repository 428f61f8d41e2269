import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limitNames } from '../../src/budgets/index.ts';
import { windowOf } from '../../src/budgets/budget-rules.ts';
import { localDay } from '../../src/platform/local-days.ts';

const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Australia/Lord_Howe'];

test('every moment lies in its window, and with the end of the window begins another', () => {
  const moment = fc.date({
    min: new Date('2020-01-01T00:00:00Z'),
    max: new Date('2035-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  const law = fc.property(
    fc.constantFrom(...limitNames),
    moment,
    fc.constantFrom(...zones),
    (limit, now, zone) => {
      const window = windowOf(limit, now, zone);
      expect(window.endsAt.getTime()).toBeGreaterThan(now.getTime());
      expect(localDay(now, zone).startsWith(window.name)).toBe(true);
      const last = windowOf(limit, new Date(window.endsAt.getTime() - 1), zone);
      expect(last).toEqual(window);
      expect(windowOf(limit, window.endsAt, zone).name > window.name).toBe(true);
      const start = new Date(window.endsAt.getTime() - window.seconds * 1000);
      expect(windowOf(limit, start, zone)).toEqual(window);
      expect(windowOf(limit, new Date(start.getTime() - 1), zone).name < window.name).toBe(true);
    },
  );
  fc.assert(law, { numRuns: 60 });
});

test('a day in which the clock is put forward has 23 hours, one in which it is put back 25', () => {
  const hours = (day: string) =>
    windowOf('calls-per-day', new Date(`${day}T15:00:00Z`), 'America/New_York').seconds / 3600;
  expect([hours('2026-03-08'), hours('2026-11-01'), hours('2026-11-02')]).toEqual([23, 25, 24]);
});
