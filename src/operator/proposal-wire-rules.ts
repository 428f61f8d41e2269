import type { Proposal, ProposalOutline } from '../people/index.ts';

/** A proposal as lists show it (schemas/operator/list-proposals.gives.json). */
export function outlineOnWire(proposal: ProposalOutline): Record<string, unknown> {
  return {
    id: proposal.id,
    kind: proposal.kind,
    status: proposal.status,
    proposedBy: proposal.proposedBy,
    proposedAt: proposal.proposedAt.toISOString(),
    expiresAt: proposal.expiresAt.toISOString(),
    decidedBy: proposal.decidedBy,
    decidedAt: proposal.decidedAt?.toISOString() ?? null,
    reason: proposal.reason,
  };
}

/** A whole proposal (schemas/operator/proposal.json). */
export function proposalOnWire(proposal: Proposal): Record<string, unknown> {
  return { ...outlineOnWire(proposal), about: proposal.about, diff: proposal.diff };
}
