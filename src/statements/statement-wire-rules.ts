import { moneyOf, statedBy, type ClosedStatement, type Money } from '../settlements/index.ts';
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
  /** Of a draft only where there are some. */
  readonly adjusted?: Money;
  /** Of a draft only where there are some. */
  readonly collected?: Money;
  readonly remitted?: Money;
  readonly closing: Money;
  readonly lineCount: number;
  /** Of a draft only where there are some. */
  readonly adjustmentCount?: number;
  readonly agreementVersions: readonly number[];
}

export function wireStatement(totals: StatementTotals): WireStatement {
  const { id, fromDay, currency, status, lineCount, adjustmentCount, agreementVersions } = totals;
  return {
    id,
    month: fromDay.slice(0, 7),
    currency,
    status,
    opening: moneyOf(totals.openingMinor, currency),
    accrued: moneyOf(totals.accruedMinor, currency),
    reversed: moneyOf(totals.reversedMinor, currency),
    ...(totals.adjustedMinor !== 0n && { adjusted: moneyOf(totals.adjustedMinor, currency) }),
    ...(totals.collectedMinor !== 0n && { collected: moneyOf(totals.collectedMinor, currency) }),
    ...(totals.remittedMinor !== 0n && { remitted: moneyOf(totals.remittedMinor, currency) }),
    closing: moneyOf(totals.closingMinor, currency),
    lineCount,
    ...(adjustmentCount > 0 && { adjustmentCount }),
    agreementVersions,
  };
}

/** A closed statement's totals. */
export interface WireClosedStatement extends Omit<WireStatement, 'status'> {
  readonly status: 'closed' | 'approved' | 'paid';
  readonly adjusted: Money;
  /** Where something on it is taxed. */
  readonly tax?: Money;
  readonly payout: Money;
  readonly forfeited: Money;
  readonly carriedForward: Money;
  readonly adjustmentCount: number;
  /** SHA-256 of its document, in hexadecimal: it stands in the partner's log. */
  readonly sha256: string;
}

export function wireClosed(statement: ClosedStatement): WireClosedStatement {
  const { id, currency, status, lineCount, adjustmentCount, agreementVersions } = statement;
  return {
    id,
    month: statement.fromDay.slice(0, 7),
    currency,
    status,
    opening: moneyOf(statement.openingMinor, currency),
    accrued: moneyOf(statement.accruedMinor, currency),
    reversed: moneyOf(statement.reversedMinor, currency),
    adjusted: moneyOf(statement.adjustedMinor, currency),
    ...statedBy(statement),
    closing: moneyOf(statement.closingMinor, currency),
    payout: moneyOf(statement.payoutMinor, currency),
    forfeited: moneyOf(statement.forfeitedMinor, currency),
    carriedForward: moneyOf(statement.carriedMinor, currency),
    lineCount,
    adjustmentCount,
    agreementVersions,
    sha256: statement.sha256.toString('hex'),
  };
}
