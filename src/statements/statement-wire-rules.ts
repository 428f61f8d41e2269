import { moneyOf, type Money } from '../settlements/index.ts';
import type { StatementTotals } from './statement.ts';

/** A statement's totals. */
export interface WireStatement {
  readonly id: string;
  readonly month: string;
  readonly currency: string;
  readonly status: 'draft';
  readonly opening: Money;
  readonly accrued: Money;
  readonly reversed: Money;
  readonly closing: Money;
  readonly lineCount: number;
  readonly agreementVersions: readonly number[];
}

export function wireStatement(totals: StatementTotals): WireStatement {
  const { id, month, currency, status, lineCount, agreementVersions } = totals;
  return {
    id,
    month,
    currency,
    status,
    opening: moneyOf(totals.openingMinor, currency),
    accrued: moneyOf(totals.accruedMinor, currency),
    reversed: moneyOf(totals.reversedMinor, currency),
    closing: moneyOf(totals.closingMinor, currency),
    lineCount,
    agreementVersions,
  };
}
