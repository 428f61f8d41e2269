import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localDay, startOfLocalDay } from '../../src/platform/local-days.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/Santiago', 'Asia/Kathmandu', 'Pacific/Kiritimati'];

test('the first moment of a local day is in it, and the millisecond before is not', () => {
  const instants = fc.date({
    min: new Date('2000-01-01T00:00:00Z'),
    max: new Date('2099-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (instant, zone) => {
      const day = localDay(instant, zone);
      const start = startOfLocalDay(day, zone);
      expect(localDay(start, zone)).toBe(day);
      expect(localDay(new Date(start.getTime() - 1), zone) < day).toBe(true);
    }),
  );
});

test('a day whose midnight is skipped begins when its clocks begin', () => {
  expect(startOfLocalDay('2026-09-06', 'America/Santiago').toISOString()).toBe(
    '2026-09-06T04:00:00.000Z',
  );
  expect(startOfLocalDay('2026-03-29', 'Europe/Berlin').toISOString()).toBe(
    '2026-03-28T23:00:00.000Z',
  );
});
