const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day (YYYY-MM-DD) of an instant in an IANA time zone. Throws RangeError for an unknown zone. */
export function localDay(instant: Date, timeZone: string): string {
  // As the formatter would write it, without asking it: years of four digits.
  const utc = timeZone === 'UTC' ? /^[1-9]\d{3}-\d\d-\d\d/.exec(instant.toISOString()) : null;
  if (utc) return utc[0];
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-CA-u-ca-iso8601', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(instant);
}

/** Whether the text names an IANA time zone. */
export function isTimeZone(text: string): boolean {
  try {
    return localDay(new Date(0), text) !== '' && !/^[+-]/.test(text);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The first moment, to the millisecond, of a calendar day (YYYY-MM-DD) in an IANA time zone. */
export function startOfLocalDay(day: string, timeZone: string): Date {
  // No zone is further than 15 hours from UTC.
  const reach = 15 * 3_600_000;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (timeZone === 'UTC' && !Number.isNaN(midnight)) return new Date(midnight);
  let [before, within] = [midnight - reach, midnight + reach];
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (localDay(new Date(middle), timeZone) < day) before = middle;
    else within = middle;
  }
  return new Date(within);
}
