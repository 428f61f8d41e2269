const dayMilliseconds = 86_400_000;

/** The day `days` after a calendar day (YYYY-MM-DD, both). */
export function addDays(day: string, days: number): string {
  return textOf(numberOf(day) + days);
}

/**
 * The day `months` calendar months after a day (YYYY-MM-DD, both); where that month has no such
 * day, its last one: a month after 31 January is 28 or 29 February.
 */
export function addMonths(day: string, months: number): string {
  const { year, month, date } = partsOf(day);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return textOf(Date.UTC(year, month - 1 + months, Math.min(date, last)) / dayMilliseconds);
}

/** How many days lie between two calendar days; negative when `to` comes before `from`. */
export function daysBetween(from: string, to: string): number {
  return numberOf(to) - numberOf(from);
}

/** The month (YYYY-MM) that holds a calendar day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

function numberOf(day: string): number {
  const { year, month, date } = partsOf(day);
  return Date.UTC(year, month - 1, date) / dayMilliseconds;
}

function textOf(dayNumber: number): string {
  return new Date(dayNumber * dayMilliseconds).toISOString().slice(0, 10);
}

function partsOf(day: string): { year: number; month: number; date: number } {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!match) throw new RangeError(`"${day}" is not a calendar day, YYYY-MM-DD.`);
  return { year: Number(match[1]), month: Number(match[2]), date: Number(match[3]) };
}
