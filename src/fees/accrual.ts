import type { RefusalKind } from '../platform/refusal.ts';

/** Who reads stored lines needs this room's door alone. */
export type { AccrualLine, LineId, NoFee } from '../earnings/index.ts';

/** What the lines of one statement add up to, in minor units. */
export interface StatementSum {
  readonly month: string;
  readonly currency: string;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly lineCount: number;
  readonly agreementVersions: readonly number[];
}

export const UnknownFeeLine = {
  code: 'unknown-fee-line',
  status: 404,
  title: 'There is no such fee line.',
} as const satisfies RefusalKind;
