/** Months: what finance looks at when a month ends, each figure with what is behind it. Owns no table. */
export { listLines } from './list-lines.ts';
export type { FinanceMonth, MonthStatement, MonthTotal, Prevention } from './month.ts';
export { readMonth } from './read-month.ts';
