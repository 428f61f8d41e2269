/** Calendar: the working days of countries, as the database counts them. Owns `calendar_days`. */
export { findCalendarDays, findLastDay } from './calendar-store.ts';
export { CalendarMissing } from './calendar.ts';
export { fillCalendar } from './fill-calendar.ts';
export { findEarliestDay } from './find-earliest-day.ts';
export { countWorkingDays } from './notice-rules.ts';
