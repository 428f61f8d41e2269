import type { RefusalKind } from '../platform/refusal.ts';

/** Who reads stored lines needs this room's door alone. */
export type { AccrualLine, LineId, NoFee } from '../earnings/index.ts';

/** What the lines of half a month add up to, in minor units: no period is shorter. */
export interface HalfMonthSum {
  /** The 1st or the 16th: its lines become available from then on. */
  readonly fromDay: string;
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
