import type { RefusalKind } from '../platform/refusal.ts';

/** What can be limited, in the order in which it is told. */
export const limitNames = [
  'calls-per-day',
  'calls-per-month',
  'records-per-day',
  'records-per-month',
] as const;
export type LimitName = (typeof limitNames)[number];
export type Limits = Readonly<Partial<Record<LimitName, number>>>;

export const largestLimit = 1_000_000_000;

/** One limit and what is left of it in the window that runs. */
export interface Budget {
  readonly name: LimitName;
  readonly limit: number;
  readonly used: number;
  /** The first moment of the next window. */
  readonly endsAt: Date;
  readonly windowSeconds: number;
}

export const BudgetExhausted = {
  code: 'budget-exhausted',
  status: 429,
  title: 'A budget of this partner is used up.',
} as const satisfies RefusalKind;

/** Whether there is budget left cannot be told, so nothing is shown. */
export const BudgetUnreadable = {
  code: 'budget-unreadable',
  status: 503,
  title: 'The budget of this partner cannot be read at the moment.',
} as const satisfies RefusalKind;

export const InvalidBudget = {
  code: 'invalid-budget',
  status: 422,
  title: 'The budget is not as it must be.',
} as const satisfies RefusalKind;
