import { lockPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { isDate } from '../platform/calendar.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { InvalidAgreement, type AgreementOffer } from './agreement.ts';
import { decideOfferRow, findOffers, insertOffer } from './offer-store.ts';
import { checkText, checkTerms, type TermsProof } from './publish-agreement.ts';

/**
 * Offers a partner terms, in force from a local day on once it accepts them, and from the day of its
 * acceptance where that is later. One offer is open at a time: the next withdraws the one before.
 * Refuses terms beyond the policy, as `publishAgreement` does.
 */
export async function offerAgreement(
  { db, clock }: Tools,
  {
    partnerId,
    validFrom,
    terms,
    by,
  }: { partnerId: PartnerId; validFrom: string; terms: unknown; by: string },
  proof?: TermsProof,
): Promise<AgreementOffer> {
  checkText('by', by, 200);
  if (!isDate(validFrom)) {
    const detail = 'An agreement begins on a day, YYYY-MM-DD.';
    throw new Refusal(InvalidAgreement, detail, { field: 'validFrom' });
  }
  const offeredAt = clock.now();
  return inTransaction(db, async (tx) => {
    const partner = await lockPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.status === 'retired') {
      throw new Refusal(InvalidAgreement, 'The partner is retired: nothing more is offered to it.');
    }
    const checked = await checkTerms(tx, partner, terms, proof);
    const earlier = await findOffers(tx, partnerId);
    const last = earlier.at(-1);
    if (last) await decideOfferRow(tx, last, { outcome: 'withdrawn', by, at: offeredAt });
    const number = (last?.number ?? 0) + 1;
    const offer = { partnerId, number, validFrom, terms: checked, offeredAt, offeredBy: by };
    await insertOffer(tx, offer);
    return { ...offer, outcome: 'open' as const };
  });
}
