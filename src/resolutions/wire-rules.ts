import { statusOf, type Claim } from '../claims/index.ts';
import type { ShownClaim } from './list-claims.ts';
import type { Pairwise } from '../joint/index.ts';
import { uuidText } from '../platform/uuid.ts';
import { moneyOf, statementIdOf, type Money } from '../settlements/index.ts';
import {
  differenceOf,
  outcomes,
  totalsOf,
  type Outcome,
  type Row,
} from '../reconciliation/index.ts';

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
  readonly resolveBy?: string;
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
    ...(decision?.dueOn && claim.isLast && { resolveBy: decision.dueOn }),
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
): Readonly<Record<string, unknown>> {
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

type OnDesk = Readonly<Record<string, unknown>>;

/** A claim for the operator's finance (schemas/operator/claim.gives.json): nothing hidden, no record. */
export function claimOnDesk(shown: ShownClaim, now: Date): OnDesk {
  const { claim, partnerKey, names, reconciliation } = shown;
  const { currency, decision, broughtBy } = claim;
  const person = (id: string) => ({ id, name: names.get(id) ?? '' });
  const today = now.toISOString().slice(0, 10);
  const isOverdue = statusOf(claim) === 'disputed' && (decision?.dueOn ?? today) < today;
  return {
    id: claim.id,
    partner: partnerKey,
    period: claim.period,
    currency,
    statement: statementIdOf(claim),
    status: statusOf(claim),
    lineCount: claim.lineCount,
    claimed: moneyOf(claim.totalMinor, currency),
    sha256: claim.sha256.toString('hex'),
    receivedAt: claim.receivedAt.toISOString(),
    keptUntil: claim.keptUntil.toISOString(),
    broughtBy: broughtBy && person(broughtBy),
    decision: decision && {
      decision: decision.decision,
      reason: decision.reason,
      dueOn: decision.dueOn,
      isOverdue,
      ours: moneyOf(decision.oursMinor, currency),
      theirs: moneyOf(decision.theirsMinor, currency),
      tolerance: Number(decision.toleranceMinor),
      by: person(decision.decidedBy),
      approvedBy: decision.approvedBy && person(decision.approvedBy),
      at: decision.decidedAt.toISOString(),
    },
    comparison: reconciliation && {
      statementStatus: reconciliation.statement.status,
      tolerance: Number(reconciliation.toleranceMinor),
      ...wireSums(reconciliation.rows, currency),
      outcomes: wireOutcomes(reconciliation.rows, currency),
    },
  };
}
