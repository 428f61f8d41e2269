/** What is due to a partner for one month and currency, as far as it is known now. */
export interface StatementTotals {
  /** "2026-07.USD" */
  readonly id: string;
  readonly month: string;
  readonly currency: string;
  readonly status: 'draft';
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly closingMinor: bigint;
  readonly lineCount: number;
  readonly agreementVersions: readonly number[];
}
