import { statusOf, type Claim } from '../claims/index.ts';
import type { Pairwise } from '../joint/index.ts';
import { uuidText } from '../platform/uuid.ts';
import { moneyOf, statementIdOf, type Money } from '../settlements/index.ts';
import { differenceOf, outcomes, totalsOf, type Outcome, type Row } from './reconciliation.ts';

/** A claim, as far as it came from the partner or was decided about. */
export interface WireClaim {
  readonly id: string;
  readonly period: string;
  readonly currency: string;
  readonly statement: string;
  readonly status: string;
  readonly lineCount: number;
  readonly claimed: Money;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
  readonly receivedAt: string;
  /** Of one that is disputed. */
  readonly dueOn?: string;
}

export function wireClaim(claim: Claim, pairwise: Pairwise): WireClaim {
  const { period, currency, decision } = claim;
  return {
    id: pairwise.idOf('claim', claim.id),
    period,
    currency,
    statement: statementIdOf(claim),
    status: statusOf(claim),
    lineCount: claim.lineCount,
    claimed: moneyOf(claim.totalMinor, currency),
    sha256: claim.sha256.toString('hex'),
    receivedAt: claim.receivedAt.toISOString(),
    ...(decision?.dueOn && claim.isLast && { dueOn: decision.dueOn }),
  };
}

interface WireSums {
  readonly claimed: Money;
  readonly ours: Money;
  readonly difference: Money;
}

/** What rows come to: ours and the difference are what is claimed. */
export function wireSums(rows: readonly Row[], currency: string): WireSums {
  const { claimedMinor, oursMinor, differenceMinor } = totalsOf(rows);
  return {
    claimed: moneyOf(claimedMinor, currency),
    ours: moneyOf(oursMinor, currency),
    difference: moneyOf(differenceMinor, currency),
  };
}

/** The same for each outcome, with how many rows have it. */
export function wireOutcomes(
  rows: readonly Row[],
  currency: string,
): Record<Outcome, WireSums & { readonly rows: number }> {
  const entries = outcomes.map((outcome) => {
    const its = rows.filter((row) => row.outcome === outcome);
    return [outcome, { rows: its.length, ...wireSums(its, currency) }] as const;
  });
  return Object.fromEntries(entries) as Record<Outcome, WireSums & { rows: number }>;
}

/** A row, with the partner's own line numbers and its ids of our lines. */
export function wireRow(
  row: Row,
  { pairwise, currency }: { pairwise: Pairwise; currency: string },
) {
  const { outcome, reason, availableOn } = row;
  return {
    outcome,
    ...(reason && { reason }),
    claimed: { lines: row.claimed, amount: moneyOf(row.claimedMinor, currency) },
    ours: {
      lines: row.ours.map((id) => pairwise.idOf('fee-line', id)),
      amount: moneyOf(row.oursMinor, currency),
    },
    difference: moneyOf(differenceOf(row), currency),
    ...(availableOn && { availableOn }),
  };
}

/** Where a row stands among the others, in the form that cursors seal: however they change. */
export function positionOf({ claimed: [line], ours: [lineId] }: Row): string {
  if (line === undefined) return lineId ?? uuidText(Buffer.alloc(16));
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(line, 12);
  return uuidText(bytes);
}
