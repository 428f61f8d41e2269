import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import type { Budget } from './budget.ts';
import { countUse } from './count-use.ts';
import { readLimits } from './read-limits.ts';

/** The budgets of a partner and what is used of each; none without a budget. Counts nothing. */
export async function showBudget(tools: Tools, partnerId: PartnerId): Promise<readonly Budget[]> {
  const limits = await readLimits(tools, partnerId);
  const asked = { partnerId, limits, amount: 0, now: tools.clock.now() };
  const [calls, records] = await Promise.all([
    countUse(tools, { ...asked, unit: 'calls' }),
    countUse(tools, { ...asked, unit: 'records' }),
  ]);
  return [...calls, ...records];
}
