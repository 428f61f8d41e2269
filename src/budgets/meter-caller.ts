import type { PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import type { Use } from '../platform/http/metering.ts';
import { RefusalWithHeaders } from '../platform/http/problems.ts';
import type { Tools } from '../platform/tools.ts';
import { BudgetExhausted, limitNames, type Budget } from './budget.ts';
import { rateLimitFields, secondsLeft } from './budget-rules.ts';
import { countUse } from './count-use.ts';
import { readLimits } from './read-limits.ts';

/**
 * Counts one call of a partner with a budget; undefined for one without. Records are taken out of
 * the budget before they are read, as many as the answer can have, and what was not shown is given
 * back: so that whatever happens at once, no more than one answer goes beyond the limit. Refusals:
 * `budget-exhausted`, `budget-unreadable`.
 */
export async function meterCaller(
  tools: Tools,
  { partnerId }: { partnerId: PartnerId },
): Promise<Use | undefined> {
  const limits = await readLimits(tools, partnerId);
  if (limitNames.every((name) => limits[name] === undefined)) return undefined;
  // What is given back goes to the window that it was taken out of.
  let takenAt = tools.clock.now();
  const count = (unit: 'calls' | 'records', amount: number) =>
    countUse(tools, { partnerId, limits, unit, amount, now: takenAt });
  const calls = await count('calls', 1);
  let records: readonly Budget[] = [];
  let taken = 0;
  const headers = () => rateLimitFields([...calls, ...records], tools.clock.now());
  const refuse = (budget: Budget): never => {
    // What is only taken out by answers under way may be given back in a moment.
    const isUsedUp = budget.used - takenBy(tools.db, partnerId) >= budget.limit;
    const retryAfterSeconds = isUsedUp ? secondsLeft(budget, tools.clock.now()) : 1;
    const detail = `The budget ${budget.name} is used up.`;
    const facts = { field: budget.name, retryAfterSeconds };
    throw new RefusalWithHeaders(BudgetExhausted, headers(), detail, facts);
  };
  const settle = async (shown: number) => {
    const back = taken - shown;
    take(tools.db, partnerId, -taken);
    taken = 0;
    if (back <= 0) return;
    // What cannot be given back stays counted: the partner gets less, never more.
    records = await count('records', -back).catch(() => records);
  };
  const over = calls.find(({ used, limit }) => used > limit);
  if (over) refuse(over);
  records = await count('records', 0);
  return {
    headers,
    reserve: async (most) => {
      takenAt = tools.clock.now();
      records = await count('records', most);
      taken = most;
      take(tools.db, partnerId, most);
      const full = records.find(({ used, limit }) => used - most >= limit);
      if (!full) return;
      await settle(0);
      refuse(records.find(({ name }) => name === full.name) ?? full);
    },
    settle,
  };
}

/** Records that answers under way in this process have taken out of budgets. */
const underWay = new WeakMap<Database, Map<PartnerId, number>>();

function takenBy(db: Database, partnerId: PartnerId): number {
  return underWay.get(db)?.get(partnerId) ?? 0;
}

function take(db: Database, partnerId: PartnerId, records: number): void {
  const taken = underWay.get(db) ?? new Map<PartnerId, number>();
  underWay.set(db, taken);
  const now = (taken.get(partnerId) ?? 0) + records;
  if (now === 0) taken.delete(partnerId);
  else taken.set(partnerId, now);
}
