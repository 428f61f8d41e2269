import type { RefusalKind } from '../platform/refusal.ts';
import type { Period } from '../settlements/index.ts';

/** What is due to a partner for one period and currency, as far as it is known now. */
export interface StatementTotals extends Period {
  /** "2026-07.USD" */
  readonly id: string;
  readonly currency: string;
  readonly status: 'draft';
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  /** Differences to what closed statements stated. */
  readonly adjustedMinor: bigint;
  /** What the partner collected of our customers and owes us; what it remitted. */
  readonly collectedMinor: bigint;
  readonly remittedMinor: bigint;
  readonly closingMinor: bigint;
  readonly lineCount: number;
  readonly adjustmentCount: number;
  readonly agreementVersions: readonly number[];
}

export const StatementOpen = {
  code: 'statement-open',
  status: 406,
  title: 'A draft has no paper: CSV and PDF are of closed statements.',
} as const satisfies RefusalKind;
