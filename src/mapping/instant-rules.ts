import { Refusal } from '../platform/refusal.ts';
import { ValueInvalid } from './mapping.ts';

const dayMs = 86_400_000;
const shape =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:\d\d)?)?$/;
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * The instant (RFC 3339, UTC) of a date, local date-time or date-time with an offset. A local time
 * is read in the IANA `zone`; a bare date is the first instant of that day there. Where clocks go
 * back and a local time comes twice, the earlier counts; one that clocks jump over is refused
 * (ValueInvalid), as is everything that is no date. Fractions of a second (at most 6 digits) stay.
 */
export function instantOf(text: string, zone: string): string {
  const [, day, minutes, seconds = '00', fraction, offset] = shape.exec(text) ?? [];
  if (day === undefined || !isDay(day))
    throw refused('A date or time is not written as in ISO 8601');
  if (minutes === undefined) return rfc3339(firstInstantOf(day, zone));
  if (!isTime(minutes, seconds)) throw refused('A time of day does not exist');
  const local = Date.parse(`${day}T${minutes}:${seconds}Z`);
  if (offset !== undefined) return rfc3339(local - offsetMs(offset), fraction);
  const instant = instantsAt(local, zone)[0];
  if (instant === undefined)
    throw refused(`A local time does not exist in ${zone}: clocks jump over it`);
  return rfc3339(instant, fraction);
}

/** The calendar date (YYYY-MM-DD) of a date or local date-time. With an offset it is refused: its day depends on the zone. */
export function dayOf(text: string): string {
  const [, day, minutes = '00:00', seconds = '00', , offset] = shape.exec(text) ?? [];
  if (day === undefined || !isDay(day)) throw refused('A date is not written as in ISO 8601');
  if (!isTime(minutes, seconds)) throw refused('A time of day does not exist');
  if (offset !== undefined) throw refused('An instant is no date: its day depends on a zone');
  return day;
}

/** The instants (ms since 1970) at which clocks in `zone` show the local time, written as if in UTC. */
function instantsAt(local: number, zone: string): number[] {
  const offsets = [local - dayMs, local + dayMs].map((near) => shownIn(zone, near) - near);
  return [...new Set(offsets.map((offset) => local - offset))]
    .filter((instant) => shownIn(zone, instant) === local)
    .sort((one, other) => one - other);
}

/** Midnight, or where clocks jump over midnight, the jump. */
function firstInstantOf(day: string, zone: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const instant = instantsAt(midnight, zone)[0];
  if (instant !== undefined) return instant;
  let before = midnight - 2 * dayMs;
  let after = midnight + 2 * dayMs;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (shownIn(zone, middle) < midnight) before = middle;
    else after = middle;
  }
  if (shownIn(zone, after) >= midnight + dayMs) throw refused(`A day does not exist in ${zone}`);
  return after;
}

/** What clocks in `zone` show at an instant, as if it were UTC (ms since 1970, whole seconds). */
function shownIn(zone: string, instant: number): number {
  if (zone === 'UTC') return instant;
  const shown: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instant)) shown[type] = value;
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = shown;
  return Date.parse(`${year.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, made);
  return made;
}

function isDay(day: string): boolean {
  const instant = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day);
}

function isTime(minutes: string, seconds: string): boolean {
  return minutes <= '23:59' && minutes.slice(3) <= '59' && seconds <= '59';
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))];
  if (hours > 23 || minutes > 59) throw refused('An offset is not one of RFC 3339');
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function rfc3339(instant: number, fraction?: string): string {
  return `${new Date(instant).toISOString().slice(0, 19)}${fraction ? `.${fraction}` : ''}Z`;
}

function refused(reason: string): Refusal {
  return new Refusal(ValueInvalid, `${reason}.`);
}
