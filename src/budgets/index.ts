/** Budgets: how much a partner may call and be shown. Owns `partner_budgets`, `budget_counts`. */
export { InvalidBudget, limitNames } from './budget.ts';
export type { LimitName, Limits } from './budget.ts';
export { meterCaller } from './meter-caller.ts';
export { setBudget } from './set-budget.ts';
export { showBudget } from './show-budget.ts';
