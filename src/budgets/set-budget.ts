import type { PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { InvalidBudget, largestLimit, limitNames, type Limits } from './budget.ts';
import { appendLimits } from './budget-store.ts';
import { forgetLimits } from './read-limits.ts';

/**
 * Sets all budgets of a partner anew; what is not named has no limit any more. Acts in every process
 * within a second; what is used already stays counted. Refusal: `invalid-budget`.
 */
export async function setBudget(
  tools: Tools,
  { partnerId, limits, setBy }: { partnerId: PartnerId; limits: Limits; setBy: string },
): Promise<void> {
  for (const name of limitNames) {
    const limit = limits[name];
    if (limit === undefined) continue;
    if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit) {
      const detail = `${name} must be a whole number from 1 to ${String(largestLimit)}.`;
      throw new Refusal(InvalidBudget, detail, { field: name });
    }
  }
  const setAt = tools.clock.now();
  await inTransaction(tools.db, (tx) => appendLimits(tx, partnerId, { limits, setBy, setAt }));
  forgetLimits(tools.db, partnerId);
}
