import type { Transaction } from '../platform/database.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { Role, StaffId } from './staff.ts';

export type ProposalId = string & { readonly is: 'ProposalId' };

/** The id that a caller sent; undefined where it has not the form of one. */
export function proposalIdOf(text: string): ProposalId | undefined {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isUuid ? (text as ProposalId) : undefined;
}

export const proposalStatuses = ['open', 'approved', 'rejected', 'withdrawn', 'expired'] as const;
export type ProposalStatus = (typeof proposalStatuses)[number];

/** A person as a proposal names it. */
export interface Named {
  readonly id: StaffId;
  readonly name: string;
}

/** A change that one person proposed and another decides. */
export interface Proposal {
  readonly id: ProposalId;
  readonly kind: string;
  /** What carries the change out, once it is approved: a JSON value that its kind understands. */
  readonly about: unknown;
  /** What would change, for people to read before they decide: a JSON value. */
  readonly diff: unknown;
  readonly proposedBy: Named;
  readonly proposedAt: Date;
  /** From this moment on nobody decides it. */
  readonly expiresAt: Date;
  readonly status: ProposalStatus;
  readonly decidedBy: Named | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
}

/** A kind of change that takes two persons. The room that owns the change exports it. */
export interface ProposalKind {
  /** Lower case letters and hyphens: "view". */
  readonly kind: string;
  /** One of these roles is needed to propose such a change, and to decide about it. */
  readonly roles: readonly Role[];
  /**
   * Makes the change, in the transaction of the approval: what it throws takes the approval back.
   * It may run again where the transaction lost a race.
   */
  readonly carryOut: (
    tx: Transaction,
    tools: Tools,
    about: unknown,
    context: { readonly proposedBy: StaffId; readonly approvedBy: StaffId },
  ) => Promise<unknown>;
}

export const UnknownProposal = {
  code: 'unknown-proposal',
  status: 404,
  title: 'There is no such proposal.',
} as const satisfies RefusalKind;

export const InvalidProposal = {
  code: 'invalid-proposal',
  status: 422,
  title: 'The proposal is not described as it must be.',
} as const satisfies RefusalKind;

export const SecondPersonNeeded = {
  code: 'second-person-needed',
  status: 403,
  title: 'Somebody else than who proposed it has to decide.',
} as const satisfies RefusalKind;

export const ProposerOnly = {
  code: 'proposer-only',
  status: 403,
  title: 'Only who proposed it can withdraw it.',
} as const satisfies RefusalKind;

export const ProposalExpired = {
  code: 'proposal-expired',
  status: 409,
  title: 'The proposal has expired: nobody can decide it any more.',
} as const satisfies RefusalKind;

export const ProposalDecided = {
  code: 'proposal-decided',
  status: 409,
  title: 'The proposal is decided already.',
} as const satisfies RefusalKind;

export const ProposalKindUnknown = {
  code: 'proposal-kind-unknown',
  status: 409,
  title: 'This program cannot carry out a proposal of this kind.',
} as const satisfies RefusalKind;
