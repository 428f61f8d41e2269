import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Holidays from 'date-holidays';
import fc from 'fast-check';
import { countWorkingDays, findCalendarDays, findEarliestDay } from '../../src/calendar/index.ts';
import { addDays } from '../../src/platform/calendar-days.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { localDay } from '../../src/platform/local-days.ts';
import { installPolicy } from '../../src/policy/index.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
const countries = ['US', 'GB', 'IL'];
const timeZone = 'UTC';
const noticeDays = 30;

async function install(country: string, now = new Date('2026-11-22T12:00:00Z')): Promise<void> {
  const migrator = openDatabase(house.urls.migrator, { max: 1 });
  try {
    await installPolicy(migrator, { country, timeZone, noticeDays, now });
  } finally {
    await migrator.destroy();
  }
}

beforeAll(async () => {
  house = await openHouse();
  for (const country of countries) await install(country);
});
afterAll(() => house.close());

const first = '2024-01-01';
const last = '2036-12-31';

/** Day by day, straight from the library, with a calendar of its own. */
function naiveCount(country: 'US' | 'GB', zone: string, from: Date, to: Date): number | undefined {
  const today = to.toLocaleDateString('sv-SE', { timeZone: zone });
  let count = 0;
  let day = nextDay(from.toLocaleDateString('sv-SE', { timeZone: zone }));
  for (; day < today; day = nextDay(day)) {
    if (day < first || day > last) return undefined;
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
    if (weekday !== 0 && weekday !== 6 && !isHoliday(country, day)) count += 1;
  }
  return count;
}

function nextDay(day: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() + 1);
  return noon.toISOString().slice(0, 10);
}

const libraries = {
  US: new Holidays('US', { types: ['public', 'bank'] }),
  GB: new Holidays('GB', { types: ['public', 'bank'] }),
};
const known = new Map<string, boolean>();
function isHoliday(country: 'US' | 'GB', day: string): boolean {
  const key = `${country} ${day}`;
  const found = known.get(key) ?? libraries[country].isHoliday(`${day} 12:00:00`) !== false;
  known.set(key, found);
  return found;
}

async function sqlCount(country: string, zone: string, from: Date, to: Date) {
  const { rows } = await house.tools.db.raw<{ rows: { days: number | null }[] }>(
    'select notice_days_run(?, ?, ?, ?) as days',
    [country, zone, from, to],
  );
  return rows[0]?.days ?? undefined;
}

async function ruleCount(country: string, zone: string, from: Date, to: Date) {
  const published = localDay(from, zone);
  const days = await findCalendarDays(house.tools.db, { country, after: published, limit: 200 });
  return countWorkingDays(days, { published, today: localDay(to, zone) });
}

const zones = [
  'UTC',
  'America/Los_Angeles',
  'America/St_Johns',
  'Europe/London',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];
const hours = 3_600_000;

test('promise P03: the rule, the database and a naive oracle count the same working days', async () => {
  const start = fc.date({
    min: new Date('2023-12-20'),
    max: new Date('2036-12-20'),
    noInvalidDate: true,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('US' as const, 'GB' as const),
      fc.constantFrom(...zones),
      start,
      fc.integer({ min: -48, max: 120 * 24 }),
      async (country, zone, from, distance) => {
        const to = new Date(from.getTime() + distance * hours);
        const expected = naiveCount(country, zone, from, to);
        expect(await sqlCount(country, zone, from, to)).toBe(expected);
        expect(await ruleCount(country, zone, from, to)).toBe(expected);
      },
    ),
    {
      numRuns: 250,
      examples: [
        // a leap day that is a Tuesday, new year, a Friday, the edge of the calendar
        ['US', 'UTC', new Date('2028-02-28T12:00:00Z'), 72],
        ['US', 'Pacific/Kiritimati', new Date('2027-12-30T23:59:59Z'), 240],
        ['GB', 'Europe/London', new Date('2026-04-02T22:59:59Z'), 24 * 7],
        ['US', 'UTC', new Date('2036-12-19T12:00:00Z'), 24 * 40],
        ['US', 'America/Los_Angeles', new Date('2027-03-13T07:59:59Z'), 24 * 3],
      ],
    },
  );
});

test('promise P03: a leap day that is a working day counts, and the day of the notice does not', async () => {
  const leapDay = [new Date('2028-02-28T12:00:00Z'), new Date('2028-03-01T00:00:00Z')] as const;
  expect(await sqlCount('US', 'UTC', ...leapDay)).toBe(1);
  expect(
    await sqlCount('US', 'UTC', new Date('2028-02-29T00:00:00Z'), new Date('2028-03-01T23:59:59Z')),
  ).toBe(0);
});

test('promise P03: the earliest day is the first on which the working days have passed', async () => {
  const { db } = house.tools;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...countries),
      fc.integer({ min: 0, max: 4000 }),
      fc.oneof(fc.constantFrom(10, 30), fc.integer({ min: 10, max: 365 })),
      async (country, offset, days) => {
        const published = addDays(first, offset);
        const calendar = await findCalendarDays(db, { country, after: published, limit: 1000 });
        const earliest = await findEarliestDay(db, { country, published, noticeDays: days });
        const countOn = (today: string) => countWorkingDays(calendar, { published, today });
        expect(earliest).toBeDefined();
        expect(countOn(earliest ?? '')).toBe(days);
        expect(countOn(addDays(earliest ?? '', -1))).toBe(days - 1);
      },
    ),
    { numRuns: 60 },
  );
});

test('promise P03: where the calendar ends, no earliest day is told and nothing has passed', async () => {
  const late = { country: 'US', published: '2036-12-20', noticeDays: 10 };
  expect(await findEarliestDay(house.tools.db, late)).toBeUndefined();
  const span = [new Date('2036-12-20T12:00:00Z'), new Date('2037-02-20T12:00:00Z')] as const;
  expect(await sqlCount('US', 'UTC', ...span)).toBeUndefined();
  expect(await sqlCount('XX', 'UTC', new Date('2026-11-02'), new Date('2026-11-20'))).toBe(
    undefined,
  );
});

test('a country has its own weekend, and the eve that a holiday touches is no working day', async () => {
  const days = await findCalendarDays(house.tools.db, {
    country: 'IL',
    after: '2026-09-08',
    limit: 7,
  });
  // Wednesday to Tuesday: Rosh Hashanah begins on the evening of Friday the 11th.
  expect(days.map(({ isWorking }) => isWorking)).toEqual(
    [true, true, false, false, false, true, true], // prettier-ignore
  );
});

test('promise P03: bringing the database up to date again, later, adds days and changes none', async () => {
  const all = () =>
    house.admin('calendar_days').select<unknown[]>('*').where('country', 'US').orderBy('day');
  const before = await all();
  await install('US', new Date('2027-06-01T12:00:00Z'));
  const after = await all();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.at(-1)).toMatchObject({ day: '2037-12-31' });
});

test('a country without known holidays is refused', async () => {
  await expect(install('XX')).rejects.toMatchObject({ kind: { code: 'country-unknown' } });
});
