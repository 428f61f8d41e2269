import type { Partner } from '../partners/index.ts';
import { proposeChange, type ProposalId, type StaffId } from '../people/index.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { payeeChange, type ProposedPayee } from './payee-change.ts';
import { payeeAccountOf } from './payee-rules.ts';
import { findPayees } from './payee-store.ts';

/**
 * Proposes where a partner is paid in a currency, for a second person to approve: until then what
 * counted before counts. Refusals: `invalid-payee`, `role-missing`.
 */
export async function proposePayee(
  tools: Tools,
  proposal: {
    readonly partner: Pick<Partner, 'id' | 'key'>;
    readonly currency: string;
    readonly account: { name: string; account: string; bic?: string | null | undefined };
    readonly by: StaffId;
  },
): Promise<{ id: ProposalId; expiresAt: Date }> {
  const { partner, currency, by } = proposal;
  const next = payeeAccountOf(currency, proposal.account);
  return inTransaction(tools.db, async (tx) => {
    const [before] = await findPayees(tx, { partnerId: partner.id, currency });
    const about: ProposedPayee = {
      partnerId: partner.id,
      currency,
      version: (before?.version ?? 0) + 1,
      ...next,
    };
    const diff = {
      partner: partner.key,
      currency,
      before: before && { name: before.name, account: before.account, bic: before.bic },
      after: next,
    };
    return proposeChange(tx, { tools, kind: payeeChange, about, diff, by });
  });
}
