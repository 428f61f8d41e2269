import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { AgreementOffer } from './agreement.ts';

const columns = {
  partnerId: 'agreement_offers.partner_id',
  number: 'agreement_offers.number',
  validFrom: 'agreement_offers.valid_from',
  terms: 'agreement_offers.terms',
  offeredAt: 'agreement_offers.offered_at',
  offeredBy: 'agreement_offers.offered_by',
  outcome: 'agreement_offers.outcome',
};

/** What was offered to a partner, the oldest first. */
export async function findOffers(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<AgreementOffer[]> {
  return db('agreement_offers')
    .select<AgreementOffer[]>(columns)
    .where('agreement_offers.partner_id', partnerId)
    .orderBy('agreement_offers.number');
}

export async function insertOffer(
  tx: Transaction,
  { partnerId, number, validFrom, terms, offeredAt, offeredBy }: Omit<AgreementOffer, 'outcome'>,
): Promise<void> {
  await tx('agreement_offers').insert({
    partner_id: partnerId,
    number,
    valid_from: validFrom,
    terms: JSON.stringify(terms),
    offered_at: offeredAt,
    offered_by: offeredBy,
  });
}

/** Ends an open offer. */
export async function decideOfferRow(
  tx: Transaction,
  { partnerId, number }: Pick<AgreementOffer, 'partnerId' | 'number'>,
  { outcome, by, at }: { outcome: AgreementOffer['outcome']; by: string; at: Date },
): Promise<void> {
  await tx('agreement_offers')
    .where({ partner_id: partnerId, number, outcome: 'open' })
    .update({ outcome, decided_at: at, decided_by: by });
}
