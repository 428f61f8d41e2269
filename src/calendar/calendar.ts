import type { RefusalKind } from '../platform/refusal.ts';

/** One day of a country: a weekend or a holiday is not working. Days are YYYY-MM-DD. */
export interface CalendarDay {
  readonly day: string;
  readonly isWorking: boolean;
  /** The holiday, or null. */
  readonly name: string | null;
}

export const UnknownCountry = {
  code: 'country-unknown',
  status: 422,
  title: 'No holidays are known for this country.',
} as const satisfies RefusalKind;

export const CalendarMissing = {
  code: 'calendar-missing',
  status: 409,
  title: 'The calendar does not have every day that is needed: run `sluice migrate`.',
} as const satisfies RefusalKind;
