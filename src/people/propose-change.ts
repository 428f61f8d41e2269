import type { Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { expiryOf, storedText } from './proposal-rules.ts';
import { insertProposal } from './proposal-store.ts';
import type { ProposalId, ProposalKind } from './proposal.ts';
import { lockRoles } from './staff-store.ts';
import { checkRole, type StaffId } from './staff.ts';

/**
 * Proposes a change for somebody else to approve. `about` is what the kind carries out, `diff` what
 * people read before they decide, both JSON values of at most a million characters; the proposal
 * expires `lifetimeDays` times 24 hours from now. Refusals: `role-missing`, `invalid-proposal`.
 */
export async function proposeChange(
  tx: Transaction,
  proposal: {
    tools: Pick<Tools, 'clock' | 'random'>;
    kind: Pick<ProposalKind, 'kind' | 'roles'>;
    about: unknown;
    diff: unknown;
    by: StaffId;
    lifetimeDays?: number;
  },
): Promise<{ id: ProposalId; expiresAt: Date }> {
  const { tools, kind, about, diff, by, lifetimeDays = 7 } = proposal;
  checkRole(await lockRoles(tx, by), kind.roles);
  const id = newUuid(tools) as ProposalId;
  const proposedAt = tools.clock.now();
  const expiresAt = expiryOf(proposedAt, lifetimeDays);
  await insertProposal(tx, {
    id,
    kind: kind.kind,
    about: storedText('about', about),
    diff: storedText('diff', diff),
    proposedBy: by,
    proposedAt,
    expiresAt,
  });
  return { id, expiresAt };
}
