import { relateCustomerIn } from '../intake/index.ts';
import { findPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import type { ProposalKind } from '../people/index.ts';
import type { Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockCustomers } from '../records/index.ts';
import type { RelationshipId } from '../relationships/index.ts';
import { findAttribution, insertDecision } from './attribution-store.ts';
import {
  AttributionDecided,
  UnknownAttribution,
  type Attribution,
  type AttributionId,
} from './attribution.ts';

/** What a proposal is about: whose a held attribution shall be; null: nobody's. */
export interface ProposedAttribution {
  readonly attributionId: AttributionId;
  readonly partnerId: PartnerId | null;
  readonly reason: string;
}

/**
 * Whose a held sign-up is, said by two persons. Approved, the relationship is opened in the approval's
 * transaction, from the sign-up on, with both persons and the reason as its evidence. Refuses what is
 * decided by then (`attribution-decided`), and what the ledger refuses, an opt-out above all.
 */
export const attributionChange: ProposalKind = {
  kind: 'attribution',
  roles: ['partner', 'finance'],
  carryOut: async (tx, tools, about, { proposedBy, approvedBy }) => {
    const { attributionId, partnerId, reason } = about as ProposedAttribution;
    const seen = await findAttribution(tx, attributionId);
    if (!seen) throw new Refusal(UnknownAttribution);
    await lockCustomers(tx, [seen.customerId]);
    const held = await findAttribution(tx, attributionId);
    if (held?.status !== 'held') throw new Refusal(AttributionDecided);
    const evidence = `attribution ${held.id}, proposed by ${proposedBy}, approved by ${approvedBy}: ${reason}`;
    const actor = `${proposedBy}, approved by ${approvedBy}`;
    const relationshipId = await relate(tx, tools, { held, partnerId, evidence, actor });
    const decidedAt = tools.clock.now();
    const decision = { partnerId, relationshipId, proposedBy, approvedBy, reason, decidedAt };
    await insertDecision(tx, held, decision);
    return { attributionId, partnerId, relationshipId };
  },
};

async function relate(
  tx: Transaction,
  tools: Tools,
  relating: {
    readonly held: Attribution;
    readonly partnerId: PartnerId | null;
    readonly evidence: string;
    readonly actor: string;
  },
): Promise<RelationshipId | null> {
  const { held, partnerId, evidence, actor } = relating;
  if (partnerId === null) return null;
  const partner = await findPartner(tx, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  const { customerId, serviceId, signedUpAt: at } = held;
  const change = { partner, customerId, serviceId, at, evidence, actor, reference: null };
  return (await relateCustomerIn(tx, tools, change)).id;
}
