import { lockPartner } from '../partners/index.ts';
import {
  checkRole,
  countHolders,
  lockRoles,
  proposeChange,
  type ProposalId,
} from '../people/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  checkMoments,
  checkView,
  InvalidView,
  latestView,
  publishViewIn,
  type View,
} from '../views/index.ts';
import { diffOffer } from './diff-offer.ts';
import { isSameBase, widens } from './offer-rules.ts';
import {
  offerRoles,
  PersonNeeded,
  ViewMoved,
  type Offer,
  type OfferBase,
  type OfferDiff,
  type OfferedView,
} from './offer.ts';
import { readBase } from './read-base.ts';
import { viewPublication } from './view-publication.ts';

/** What became of an offer. */
export type Outcome =
  | {
      readonly published: View;
      /** It widens, and nobody was there to be the second person. */
      readonly isAlone: boolean;
    }
  | {
      readonly proposed: {
        readonly id: ProposalId;
        readonly expiresAt: Date;
        readonly diff: OfferDiff;
      };
    };

/**
 * Publishes the next version of a partner's view where it shows nothing more than before; otherwise
 * proposes it for a second person to approve. Only while fewer than two live persons hold a role for
 * it does whoever has the machine, and names no person, publish a widening alone. Refuses what
 * publishView refuses, and `person-needed`, `role-missing`, `view-moved`.
 */
export async function offerView(tools: Tools, offer: Offer): Promise<Outcome> {
  const { partner, draft, effectiveAt, by } = offer;
  const { document, problems } = await checkView(tools, { partner, draft, at: effectiveAt });
  const [problem] = problems;
  if (problem) throw new Refusal(InvalidView, problem.detail, problem);
  const now = tools.clock.now();
  const { base, versions } = await readBase(tools.db, partner.id, now);
  const begin = effectiveAt ?? now;
  checkMoments({ now, begin, sunset: offer.sunset, before: latestView(versions) });
  const isWidening = widens(versions, document, begin);
  const diff = isWidening && by !== undefined ? await diffOffer(tools, offer) : undefined;
  return inTransaction(tools.db, async (tx): Promise<Outcome> => {
    await lockBase(tx, tools, offer, base);
    if (by !== undefined) checkRole(await lockRoles(tx, by), offerRoles);
    else if (isWidening && (await countHolders(tx, offerRoles)) > 1)
      throw new Refusal(PersonNeeded);
    if (by === undefined || !diff) {
      const next = { ...offer, actor: by ?? offer.actor };
      return { published: await publishViewIn(tx, tools, next), isAlone: isWidening };
    }
    const about: OfferedView = {
      partnerId: partner.id,
      base,
      draft,
      document,
      effectiveAt: diff.effectiveAt,
      sunset: diff.sunset,
    };
    const kind = viewPublication;
    return { proposed: { ...(await proposeChange(tx, { tools, kind, about, diff, by })), diff } };
  });
}

/** Holds the partner's view where it was looked at, so that what was decided about it still holds. */
async function lockBase(
  tx: Transaction,
  tools: Tools,
  { partner }: Offer,
  base: OfferBase,
): Promise<void> {
  await lockPartner(tx, partner.id);
  const present = await readBase(tx, partner.id, tools.clock.now());
  if (!isSameBase(base, present.base)) throw new Refusal(ViewMoved);
}
