import type { PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import type { Limits } from './budget.ts';
import { findLimits } from './budget-store.ts';

/** Under a second with room to spare, so that a budget set elsewhere counts within the second. */
const remembersMs = 900;

interface Remembered {
  readonly limits: Promise<Limits>;
  readonly readAt: number;
}

const memories = new WeakMap<Database, Map<PartnerId, Remembered>>();

/** The limits of a partner, read at most once in 0.9 s; a change counts within a second everywhere. */
export function readLimits(
  { db, clock }: Pick<Tools, 'db' | 'clock'>,
  partnerId: PartnerId,
): Promise<Limits> {
  const memory = memories.get(db) ?? new Map<PartnerId, Remembered>();
  memories.set(db, memory);
  const now = clock.elapsedMs();
  const known = memory.get(partnerId);
  if (known !== undefined && now - known.readAt < remembersMs) return known.limits;
  const limits = findLimits(db, partnerId);
  const read = { limits, readAt: now };
  memory.set(partnerId, read);
  limits.catch(() => {
    if (memory.get(partnerId) === read) memory.delete(partnerId);
  });
  return limits;
}

/** Drops what this process remembers, so that the next look goes to the database. */
export function forgetLimits(db: Database, partnerId: PartnerId): void {
  memories.get(db)?.delete(partnerId);
}
