import { lockPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import type { ProposalKind } from '../people/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { findPayees, insertPayee, lockPayees } from './payee-store.ts';
import { PayeeMoved, type PayeeAccount } from './payee.ts';

/** What a proposal of this kind carries. */
export interface ProposedPayee extends PayeeAccount {
  readonly partnerId: PartnerId;
  readonly currency: string;
  readonly version: number;
}

/**
 * Where a partner is paid. Approved, it counts for every batch made from then on; refused as
 * `payee-moved` where another account was approved since it was proposed.
 */
export const payeeChange: ProposalKind = {
  kind: 'payee',
  roles: ['finance'],
  carryOut: async (tx, tools, about, { proposedBy, approvedBy }) => {
    const next = about as ProposedPayee;
    const { partnerId, currency, version } = next;
    if (!(await lockPartner(tx, partnerId))) throw new Refusal(UnknownPartner);
    await lockPayees(tx, partnerId);
    const [before] = await findPayees(tx, { partnerId, currency });
    if ((before?.version ?? 0) + 1 !== version) throw new Refusal(PayeeMoved);
    await insertPayee(tx, { ...next, proposedBy, approvedBy, approvedAt: tools.clock.now() });
    return { partnerId, currency, version };
  },
};
