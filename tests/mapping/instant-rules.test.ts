import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, instantOf } from '../../src/mapping/instant-rules.ts';

test.each([
  ['2021-01-01', 'UTC', '2021-01-01T00:00:00Z'],
  ['2021-01-01T00:00:00', 'UTC', '2021-01-01T00:00:00Z'],
  ['2021-01-01 08:26', 'UTC', '2021-01-01T08:26:00Z'],
  ['2021-01-01T08:26:05.250', 'Europe/Berlin', '2021-01-01T07:26:05.250Z'],
  ['2021-07-01', 'Europe/Berlin', '2021-06-30T22:00:00Z'],
  ['2021-07-01T00:00:00Z', 'Europe/Berlin', '2021-07-01T00:00:00Z'],
  ['2021-07-01T00:00:00-03:30', 'Europe/Berlin', '2021-07-01T03:30:00Z'],
  // twice on the clock: the earlier counts
  ['2021-10-31T02:30:00', 'Europe/Berlin', '2021-10-31T00:30:00Z'],
  ['2021-04-04T01:45:00', 'Australia/Lord_Howe', '2021-04-03T14:45:00Z'],
  // a day that begins at 1 o'clock
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
])('%s in %s is %s', (text, zone, instant) => {
  expect(instantOf(text, zone)).toBe(instant);
});

test.each([
  ['2021-03-28T02:30:00', 'Europe/Berlin', /clocks jump over it/],
  ['2011-12-30', 'Pacific/Apia', /day does not exist/],
  ['2011-12-30T12:00', 'Pacific/Apia', /clocks jump over it/],
  ['2021-02-29', 'UTC', /ISO 8601/],
  ['2021-13-01', 'UTC', /ISO 8601/],
  ['01/02/2021', 'UTC', /ISO 8601/],
  ['2021-01-01T24:00:00', 'UTC', /time of day/],
  ['2021-01-01T12:60', 'UTC', /time of day/],
  ['2021-01-01T12:00:60', 'UTC', /time of day/],
  ['2021-01-01T12:00:00+24:00', 'UTC', /offset/],
  ['', 'UTC', /ISO 8601/],
])('%s in %s is refused', (text, zone, reason) => {
  expect(() => instantOf(text, zone)).toThrow(reason);
});

test('a day is cut out of a local date-time, not out of an instant', () => {
  expect(dayOf('2021-01-01T23:59:59')).toBe('2021-01-01');
  expect(dayOf('2020-02-29')).toBe('2020-02-29');
  expect(() => dayOf('2021-02-29')).toThrow(/ISO 8601/);
  expect(() => dayOf('2021-01-01T00:00:00Z')).toThrow(/zone/);
  expect(() => dayOf('2021-01-01T25:00:00')).toThrow(/time of day/);
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Africa/Casablanca',
];
const quarterMs = 15 * 60_000;
/** Beside clock changes of these zones, where it is hard. */
const changes = [
  '2021-03-28',
  '2021-10-31',
  '2021-03-14',
  '2021-11-07',
  '2018-11-04',
  '2018-02-18',
  '2021-04-04',
  '2021-10-03',
  '2011-12-30',
  '2021-04-11',
  '2021-05-16',
];

/** Tries every quarter of an hour in which the local time could be. */
function naiveInstant(local: string, zone: string): string | undefined {
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const asUtc = Date.parse(`${local}Z`);
  for (
    let instant = asUtc - 104 * quarterMs;
    instant <= asUtc + 104 * quarterMs;
    instant += quarterMs
  ) {
    if (clock.format(instant) === local.replace('T', ' ')) {
      return `${new Date(instant).toISOString().slice(0, 19)}Z`;
    }
  }
  return undefined;
}

test('local times become the instants that a search through all of them finds', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...changes),
      fc.integer({ min: -24 * 60, max: 48 * 60 }),
      (zone, day, minutes) => {
        const local = new Date(Date.parse(`${day}T00:00Z`) + minutes * 60_000);
        const text = local.toISOString().slice(0, 19);
        const found = naiveInstant(text, zone);
        if (found === undefined) expect(() => instantOf(text, zone)).toThrow(/jump over/);
        else expect(instantOf(text, zone)).toBe(found);
      },
    ),
    { numRuns: 400 },
  );
});
