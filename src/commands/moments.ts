import { isDate, isInstant } from '../platform/calendar.ts';
import { startOfLocalDay } from '../platform/local-days.ts';
import { misuse } from './frame.ts';

/**
 * The moment that a person named: an instant with its offset (RFC 3339), or a day, which stands for
 * its first moment in the operator's zone. Undefined where nothing is said; anything else is misuse.
 */
export function momentOf(
  option: string,
  text: string | undefined,
  timeZone: string,
): Date | undefined {
  if (text === undefined) return undefined;
  if (isDate(text)) return startOfLocalDay(text, timeZone);
  if (isInstant(text)) return new Date(text);
  return misuse(`${option} is a day, YYYY-MM-DD, or an instant with its offset (RFC 3339).`);
}
