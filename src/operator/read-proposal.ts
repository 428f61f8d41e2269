import { findProposal, proposalIdOf, UnknownProposal, type Proposal } from '../people/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';

/** One proposal with its diff, as it stands now. Throws Refusal `unknown-proposal`. */
export async function readProposal(
  { db, clock }: Pick<Tools, 'db' | 'clock'>,
  { id }: { id: string },
): Promise<Proposal> {
  const proposalId = proposalIdOf(id);
  const proposal = proposalId && (await findProposal(db, proposalId, clock.now()));
  if (!proposal) throw new Refusal(UnknownProposal);
  return proposal;
}
