import type { PartnerId } from '../partners/index.ts';
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
  const count = (unit: 'calls' | 'records', amount: number) =>
    countUse(tools, { partnerId, limits, unit, amount, now: tools.clock.now() });
  const calls = await count('calls', 1);
  let records: readonly Budget[] = [];
  let taken = 0;
  const headers = () => rateLimitFields([...calls, ...records], tools.clock.now());
  const refuse = (budget: Budget): never => {
    const retryAfterSeconds = secondsLeft(budget, tools.clock.now());
    const detail = `The budget ${budget.name} is used up.`;
    const facts = { field: budget.name, retryAfterSeconds };
    throw new RefusalWithHeaders(BudgetExhausted, headers(), detail, facts);
  };
  const settle = async (shown: number) => {
    const back = taken - shown;
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
      records = await count('records', most);
      taken = most;
      const full = records.find(({ used, limit }) => used - most >= limit);
      if (!full) return;
      await settle(0);
      refuse(full);
    },
    settle,
  };
}
