import { minorUnits } from '../platform/money.ts';
import { isTimeZone } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import { dayOf, instantOf } from './instant-rules.ts';
import { type Assumptions, ValueInvalid } from './mapping.ts';

/** An exact amount: integer minor units of an ISO 4217 currency. */
export interface Minor {
  readonly amount: number;
  readonly currency: string;
}

export type MappingFunctions = Readonly<
  Record<
    'minor' | 'addMinor' | 'multiplyMinor' | 'instant' | 'day',
    (...given: unknown[]) => unknown
  >
>;

/** The functions an expression has beside JSONata's own. */
export const ownFunctions: ReadonlySet<string> = new Set([
  'minor',
  'addMinor',
  'multiplyMinor',
  'instant',
  'day',
]);

/** Those that read a local time, in the zone of their second argument or of the mapping. */
export const zoneBoundFunctions: ReadonlySet<string> = new Set(['instant']);

/**
 * The functions of a mapping with these assumptions. Like JSONata's own, they give nothing for
 * nothing (null and empty text count as nothing), and they throw a Refusal for what is wrong.
 */
export function functionsOf(assumptions: Assumptions): MappingFunctions {
  return {
    /** Exact minor units of a decimal text or a whole number. */
    minor(text?: unknown, currency: unknown = assumptions.currency): Minor | undefined {
      if (isNothing(text)) return undefined;
      if (typeof currency !== 'string') throw refused('$minor needs a currency (ISO 4217)');
      return minorOf(minorUnits(textOf(text, '$minor'), currency), currency);
    },
    /** The sum of a list of amounts in one currency. */
    addMinor(list?: unknown): Minor | undefined {
      if (isNothing(list)) return undefined;
      const [first, ...others] = (Array.isArray(list) ? list : [list]).map(asMinor);
      if (!first) return undefined;
      if (others.some(({ currency }) => currency !== first.currency)) {
        throw refused('$addMinor adds amounts of one currency');
      }
      const sum = others.reduce(
        (total, { amount }) => total + BigInt(amount),
        BigInt(first.amount),
      );
      return minorOf(sum, first.currency);
    },
    /** An amount times an integer, given as a number or as text. */
    multiplyMinor(minor?: unknown, times?: unknown): Minor | undefined {
      if (isNothing(minor) || isNothing(times)) return undefined;
      const text = textOf(times, '$multiplyMinor');
      if (!/^-?\d{1,16}$/.test(text)) throw refused('$multiplyMinor multiplies by an integer');
      const { amount, currency } = asMinor(minor);
      return minorOf(BigInt(amount) * BigInt(text), currency);
    },
    /** The instant of a local date or date-time (see instantOf). */
    instant(text?: unknown, zone: unknown = assumptions.timeZone): string | undefined {
      if (isNothing(text)) return undefined;
      if (typeof zone !== 'string' || !isTimeZone(zone)) {
        throw refused('$instant needs a time zone of the IANA list');
      }
      return instantOf(textOf(text, '$instant'), zone);
    },
    /** The calendar date of a date or local date-time (see dayOf). */
    day(text?: unknown): string | undefined {
      return isNothing(text) ? undefined : dayOf(textOf(text, '$day'));
    },
  };
}

function isNothing(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw refused(`${name} reads text`);
}

function asMinor(value: unknown): Minor {
  if (typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value) {
    const { amount, currency } = value;
    if (Number.isSafeInteger(amount) && typeof currency === 'string') return value as Minor;
  }
  throw refused('An amount must be what $minor gives');
}

function minorOf(amount: bigint, currency: string): Minor {
  const exact = Number(amount);
  if (!Number.isSafeInteger(exact)) throw refused('An amount is too large to be exact');
  return { amount: exact, currency };
}

function refused(reason: string): Refusal {
  return new Refusal(ValueInvalid, `${reason}.`);
}
