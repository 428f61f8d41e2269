import canonicalize from 'canonicalize';
import { lockPartner, UnknownPartner } from '../partners/index.ts';
import type { ProposalKind } from '../people/index.ts';
import { Refusal } from '../platform/refusal.ts';
import { publishViewIn } from '../views/index.ts';
import { isSameBase } from './offer-rules.ts';
import { offerRoles, ViewMoved, type OfferedView } from './offer.ts';
import { readBase } from './read-base.ts';

/**
 * A view that shows more than before. Approved, it is proven again and published in the approval's
 * transaction. Where another version, agreement or policy came or went since it was proposed, or the draft means something
 * else by now, the diff that was approved is not the one that would act: refused as `view-moved`.
 */
export const viewPublication: ProposalKind = {
  kind: 'view',
  roles: offerRoles,
  carryOut: async (tx, tools, about, { proposedBy, approvedBy }) => {
    const { partnerId, base, draft, document, effectiveAt, sunset } = about as OfferedView;
    const partner = await lockPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    const present = await readBase(tx, partnerId, tools.clock.now());
    if (!isSameBase(base, present.base)) throw new Refusal(ViewMoved);
    const view = await publishViewIn(tx, tools, {
      partner,
      draft,
      effectiveAt: effectiveAt === null ? undefined : new Date(effectiveAt),
      sunset: sunset === null ? undefined : new Date(sunset),
      actor: `${proposedBy}, approved by ${approvedBy}`,
    });
    if (canonicalize(view.document) !== canonicalize(document)) throw new Refusal(ViewMoved);
    return view;
  },
};
