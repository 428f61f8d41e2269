import { drawNumber, type Label } from './draw-rules.ts';

const dayMilliseconds = 86_400_000;

/** The day `days` after a day, YYYY-MM-DD both. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMilliseconds).toISOString().slice(0, 10);
}

/** The same day of the month `months` later, YYYY-MM-DD; the day is at most the 28th. */
export function sameDayLater(day: string, months: number): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, date)).toISOString().slice(0, 10);
}

/** An instant of that day in working hours, UTC. */
export function drawInstant(day: string, ...label: Label): Date {
  const seconds = drawNumber(7 * 3600, 19 * 3600, 'second of the day', ...label);
  return new Date(Date.parse(day) + seconds * 1000);
}
