import type { KeyOrder } from '../mapping/index.ts';

/** A key that can be compared with others of the same order. */
export type Key = bigint | string;

/** The key in a field of a row; nothing where it is absent, empty or no integer though it must be one. */
export function keyOf(value: unknown, order: KeyOrder): Key | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '') return undefined;
  if (order === 'text') return text;
  return /^-?\d{1,40}$/.test(text) ? BigInt(text) : undefined;
}

/** Below 0 where `one` comes first. Text is compared by its bytes, as sort does under LC_ALL=C. */
export function compareKeys(one: Key, other: Key): number {
  if (one === other) return 0;
  if (typeof one === 'string' && typeof other === 'string') {
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  }
  return one < other ? -1 : 1;
}
