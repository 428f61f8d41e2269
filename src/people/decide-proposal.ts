import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { checkReason, checkVerdict, type Verdict } from './proposal-rules.ts';
import { findProposal, lockProposal, updateProposalDecided } from './proposal-store.ts';
import {
  proposalIdOf,
  ProposalKindUnknown,
  UnknownProposal,
  type Proposal,
  type ProposalKind,
} from './proposal.ts';
import { lockRoles } from './staff-store.ts';
import type { StaffId } from './staff.ts';

/** Who decides about which proposal, out of the kinds that this program can carry out. */
export interface Decision {
  readonly proposalId: string;
  readonly by: StaffId;
  readonly kinds: readonly ProposalKind[];
}

/**
 * Approves a proposal and carries it out, in one transaction: both happen or neither. Refusals:
 * `unknown-proposal`, `proposal-kind-unknown`, `role-missing`, `second-person-needed` (one's own),
 * `proposal-expired`, `proposal-decided`, and what the kind refuses.
 */
export async function approveChange(
  tools: Tools,
  decision: Decision,
): Promise<{ proposal: Proposal; outcome: unknown }> {
  return inTransaction(tools.db, async (tx) => {
    const { proposal, kind } = await decide(tx, {
      ...decision,
      verdict: 'approved',
      reason: null,
      now: tools.clock.now(),
    });
    const context = { proposedBy: proposal.proposedBy.id, approvedBy: decision.by };
    const outcome = await kind.carryOut(tx, tools, proposal.about, context);
    return { proposal, outcome };
  });
}

/**
 * Rejects somebody else's proposal, with a reason of 1 to 1,000 characters. Refuses as approveChange
 * does, and `invalid-proposal`.
 */
export async function rejectProposal(
  tools: Tools,
  decision: Decision & { readonly reason: string },
): Promise<Proposal> {
  return sayNo(tools, { ...decision, verdict: 'rejected' });
}

/** Takes one's own proposal back, with a reason. Refuses as rejectProposal does, and `proposer-only`. */
export async function withdrawProposal(
  tools: Tools,
  decision: Decision & { readonly reason: string },
): Promise<Proposal> {
  return sayNo(tools, { ...decision, verdict: 'withdrawn' });
}

async function sayNo(
  tools: Tools,
  decision: Decision & { readonly verdict: Verdict; readonly reason: string },
): Promise<Proposal> {
  checkReason(decision.reason);
  return inTransaction(tools.db, async (tx) => {
    return (await decide(tx, { ...decision, now: tools.clock.now() })).proposal;
  });
}

async function decide(
  tx: Transaction,
  decision: Decision & {
    readonly verdict: Verdict;
    readonly reason: string | null;
    readonly now: Date;
  },
): Promise<{ proposal: Proposal; kind: ProposalKind }> {
  const { by, kinds, now } = decision;
  const id = proposalIdOf(decision.proposalId);
  const found = id && (await lockProposal(tx, id, now));
  if (!found) throw new Refusal(UnknownProposal);
  const kind = kinds.find((one) => one.kind === found.kind);
  if (!kind) throw new Refusal(ProposalKindUnknown);
  checkVerdict(found, kind, { ...decision, roles: await lockRoles(tx, by) });
  await updateProposalDecided(tx, found.id, { ...decision, at: now });
  const proposal = await findProposal(tx, found.id, now);
  if (!proposal) throw new Error('A proposal went away while it was locked.');
  return { proposal, kind };
}
