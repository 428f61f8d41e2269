import { lockPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  OfferDecided,
  UnknownOffer,
  type AgreementOffer,
  type AgreementVersion,
} from './agreement.ts';
import { decideOfferRow, findOffers } from './offer-store.ts';
import { checkText, publishIn, type TermsProof } from './publish-agreement.ts';

interface Deciding {
  readonly partnerId: PartnerId;
  readonly number: number;
  /** Who decides for the partner, and what shows it. */
  readonly by: string;
  readonly evidence: string;
}

/**
 * The partner accepts an offer: with that it is the next version of the agreement, in force from its
 * day or from today, whichever is later. Refusals: `unknown-offer`, `offer-decided`, and those of
 * `publishAgreement` where the policy no longer allows the terms.
 */
export async function acceptOffer(
  tools: Tools,
  deciding: Deciding,
  proof?: TermsProof,
): Promise<AgreementVersion> {
  const { partnerId, number, by, evidence } = deciding;
  return inTransaction(tools.db, async (tx) => {
    const offer = await openOffer(tx, { partnerId, number });
    const now = tools.clock.now();
    const today = localDay(now, offer.terms.timeZone);
    const agreement = await publishIn(
      tx,
      tools,
      {
        partnerId,
        validFrom: offer.validFrom > today ? offer.validFrom : today,
        terms: offer.terms,
        acceptances: {
          operator: { by: offer.offeredBy, evidence: `offer ${String(number)}` },
          partner: { by, evidence },
        },
      },
      proof,
    );
    await decideOfferRow(tx, offer, { outcome: 'accepted', by, at: now });
    return agreement;
  });
}

/** The partner declines an offer; what is in force stays so. Refusals: `unknown-offer`, `offer-decided`. */
export async function declineOffer(
  { db, clock }: Tools,
  { partnerId, number, by }: Omit<Deciding, 'evidence'>,
): Promise<void> {
  checkText('by', by, 200);
  await inTransaction(db, async (tx) => {
    const offer = await openOffer(tx, { partnerId, number });
    await decideOfferRow(tx, offer, { outcome: 'declined', by, at: clock.now() });
  });
}

async function openOffer(
  tx: Transaction,
  { partnerId, number }: { partnerId: PartnerId; number: number },
): Promise<AgreementOffer> {
  if (!(await lockPartner(tx, partnerId))) throw new Refusal(UnknownPartner);
  const offer = (await findOffers(tx, partnerId)).find((one) => one.number === number);
  if (!offer) throw new Refusal(UnknownOffer);
  if (offer.outcome !== 'open') throw new Refusal(OfferDecided);
  return offer;
}
