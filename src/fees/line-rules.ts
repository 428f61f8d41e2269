import { createHash } from 'node:crypto';
import type { AccrualLine } from '../earnings/index.ts';

/** A line as one JSON text: amounts as text, moments in UTC, members in this order and no other. */
export function lineText(line: AccrualLine): string {
  return JSON.stringify({
    lineId: line.lineId,
    kind: line.kind,
    partnerId: line.partnerId,
    customerId: line.customerId,
    serviceId: line.serviceId,
    paymentId: line.paymentId,
    refundId: line.refundId,
    reversesLineId: line.reversesLineId,
    settledAt: line.settledAt.toISOString(),
    occurredAt: line.occurredAt.toISOString(),
    month: line.month,
    availableOn: line.availableOn,
    currency: line.currency,
    baseMinor: String(line.baseMinor),
    feeMinor: String(line.feeMinor),
    ratePercent: line.ratePercent,
    rounding: line.rounding,
    agreementVersion: line.agreementVersion,
    because: line.because,
    explanation: line.explanation,
  });
}

/** SHA-256 of a line, in hexadecimal digits: equal lines, equal fingerprints. */
export function fingerprintOf(line: AccrualLine): string {
  return createHash('sha256').update(lineText(line)).digest('hex');
}

/** What lines add up to for each month in which they occurred and each currency. */
export interface FeeMonth {
  readonly month: string;
  readonly currency: string;
  /** How many payments earned. */
  readonly payments: number;
  readonly baseMinor: bigint;
  readonly feeMinor: bigint;
  readonly reversals: number;
  readonly reversedMinor: bigint;
  readonly totalMinor: bigint;
  /** Lines that carry no fee, for the reason they name. */
  readonly withoutFee: number;
}

/** Adds lines up by month and currency, in that order. */
export function sumByMonth(lines: Iterable<AccrualLine>): FeeMonth[] {
  const sums = sumLines();
  for (const line of lines) sums.add(line);
  return sums.months();
}

/** The same for lines that come one by one. */
export function sumLines(): { add: (line: AccrualLine) => void; months: () => FeeMonth[] } {
  const months = new Map<string, FeeMonth>();
  return {
    add: (line) => {
      const key = `${line.month} ${line.currency}`;
      months.set(key, plus(months.get(key) ?? emptyMonth(line), line));
    },
    months: () => [...months.keys()].sort().flatMap((key) => months.get(key) ?? []),
  };
}

function emptyMonth({ month, currency }: AccrualLine): FeeMonth {
  return {
    month,
    currency,
    payments: 0,
    baseMinor: 0n,
    feeMinor: 0n,
    reversals: 0,
    reversedMinor: 0n,
    totalMinor: 0n,
    withoutFee: 0,
  };
}

function plus(sum: FeeMonth, line: AccrualLine): FeeMonth {
  if (line.because) return { ...sum, withoutFee: sum.withoutFee + 1 };
  const totalMinor = sum.totalMinor + line.feeMinor;
  if (line.kind === 'reversal') {
    const reversedMinor = sum.reversedMinor + line.feeMinor;
    return { ...sum, reversals: sum.reversals + 1, reversedMinor, totalMinor };
  }
  return {
    ...sum,
    payments: sum.payments + 1,
    baseMinor: sum.baseMinor + line.baseMinor,
    feeMinor: sum.feeMinor + line.feeMinor,
    totalMinor,
  };
}
