import { Refusal } from '../platform/refusal.ts';
import { ValueInvalid } from './mapping.ts';

const maxDepth = 32;

/**
 * What an expression gave, as plain JSON: null, empty text and objects without members are left
 * out; everything else stays as it is, blanks at the ends included. Refuses what is no JSON, numbers
 * that are no exact integers, and what is nested too deep.
 */
export function plainRecord(value: unknown): unknown {
  return plain(value, 0) ?? {};
}

function plain(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw refused('A record is nested too deep');
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw refused('A number is no exact integer');
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => plain(item, depth + 1)).filter((item) => item !== undefined);
  }
  if (typeof value !== 'object' || '_jsonata_function' in value || '_jsonata_lambda' in value) {
    throw refused('A record holds a function');
  }
  const members = Object.entries(value)
    .map(([name, member]) => [name, plain(member, depth + 1)] as const)
    .filter(([, member]) => member !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

function refused(reason: string): Refusal {
  return new Refusal(ValueInvalid, `${reason}.`);
}
