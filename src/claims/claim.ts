import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { StaffId } from '../people/index.ts';

export type ClaimId = string & { readonly is: 'ClaimId' };

/** The media types in which a claim comes. */
export const claimMedia = ['application/json', 'text/csv'] as const;
export type ClaimMedia = (typeof claimMedia)[number];

/** How much a claim is at the most. */
export const longestClaim = { bytes: 8 * 1024 * 1024, lines: 50_000 } as const;

/** For which period and currency a partner claims. */
export interface ClaimName {
  readonly partnerId: PartnerId;
  /** "2026-10" */
  readonly period: string;
  readonly currency: string;
}

/** One line of a claim: what the partner says it is owed, and of whom. */
export interface ClaimedLine {
  /** Of a CSV the line of the file; of JSON its place in the list, from 1. */
  readonly line: number;
  /** The partner's own reference for the customer, or our id of it. */
  readonly customer: string | null;
  /** Our id of the payment. */
  readonly payment: string | null;
  readonly amountMinor: bigint;
}

/** What a partner claims for one period and currency, as it came. */
export interface Claim extends ClaimName {
  readonly id: ClaimId;
  /** Its place among the partner's claims for this period and currency: the last one counts. */
  readonly number: number;
  readonly isLast: boolean;
  readonly media: ClaimMedia;
  /** Null once the time is over for which it is kept. */
  readonly content: Buffer | null;
  readonly sha256: Buffer;
  readonly lineCount: number;
  readonly totalMinor: bigint;
  /** Who of the operator's people brought it in; null: the partner itself. */
  readonly broughtBy: StaffId | null;
  readonly receivedAt: Date;
  readonly keptUntil: Date;
  /** What was decided last; null: nothing yet. */
  readonly decision: Decision | null;
}

export const decisionKinds = ['disputed', 'accepted-ours', 'accepted-theirs'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** What finance decided about a claim. */
export interface Decision {
  readonly number: number;
  readonly decision: DecisionKind;
  /** The day until which a dispute is to be resolved. */
  readonly dueOn: string | null;
  readonly reason: string;
  readonly oursMinor: bigint;
  readonly theirsMinor: bigint;
  readonly toleranceMinor: bigint;
  readonly decidedBy: StaffId;
  readonly approvedBy: StaffId | null;
  readonly decidedAt: Date;
}

/** Where a claim stands. */
export type ClaimStatus = 'open' | 'replaced' | DecisionKind;

export function statusOf({ isLast, decision }: Pick<Claim, 'isLast' | 'decision'>): ClaimStatus {
  if (decision && decision.decision !== 'disputed') return decision.decision;
  if (!isLast) return 'replaced';
  return decision ? 'disputed' : 'open';
}

const wrong = (code: string, title: string) => ({ code, status: 422, title }) as const;
const conflict = (code: string, title: string) => ({ code, status: 409, title }) as const;

export const UnknownClaim = {
  code: 'unknown-claim',
  status: 404,
  title: 'There is no such claim.',
} as const satisfies RefusalKind;
export const ClaimInvalid = wrong(
  'claim-invalid',
  'The claim cannot be read: nothing of it was kept.',
);
export const ClaimTooLong = {
  code: 'claim-too-long',
  status: 413,
  title: 'A claim has at most 50,000 lines in 8 MB.',
} as const satisfies RefusalKind;
export const UnknownPeriod = wrong(
  'unknown-period',
  'A claim is for a period that has begun: a month (2026-10), half a month (2026-10-1) or a quarter (2026-Q4), as agreed.',
);
export const ClaimDecided = conflict(
  'claim-decided',
  'What was claimed for this period and currency is decided: another claim cannot take its place.',
);
export const ClaimReplaced = conflict(
  'claim-replaced',
  'Another claim for the same period and currency has taken the place of this one.',
);
export const ClaimForgotten = conflict(
  'claim-forgotten',
  'The time is over for which the claim was kept: its hash and its totals are left.',
);
