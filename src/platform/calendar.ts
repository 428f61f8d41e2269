const dateForm = /^([1-9][0-9]{3})-([0-9]{2})-([0-9]{2})$/;
const timeForm =
  /^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])$/;

/**
 * Whether the text is a calendar date YYYY-MM-DD (RFC 3339, full-date) of the years 1000 to 9999.
 * Words that databases read as dates, such as "infinity", are not.
 */
export function isDate(text: string): boolean {
  const match = dateForm.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/**
 * Whether the text is an instant with its offset from UTC (RFC 3339, date-time, in capitals) of the
 * years 1000 to 9999. A leap second is not: neither Date nor PostgreSQL can hold it.
 */
export function isInstant(text: string): boolean {
  return text[10] === 'T' && isDate(text.slice(0, 10)) && timeForm.test(text.slice(11));
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
