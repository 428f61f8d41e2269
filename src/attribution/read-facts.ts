import { findChoices, objectionToSharing } from '../choices/index.ts';
import {
  findPartner,
  findPartnerContacts,
  type Partner,
  type PartnerId,
} from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { findPromotionsById } from '../promotions/index.ts';
import { findRecordVersions, findSettledPayments, type CustomerId } from '../records/index.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import type { Likeness } from './attribution.ts';
import type { Session, SignUpFacts } from './attribution-rules.ts';
import { likenessOf } from './likeness-rules.ts';

/**
 * What is known of a sign-up's customer and of those whose promotions were clicked. Of the customer's
 * record and the partner's contacts only by what they look alike goes on.
 */
export async function readFacts(
  tx: Transaction,
  signUp: Pick<SignUpFacts, 'signedUpAt' | 'serviceId' | 'session'> & {
    readonly customerId: CustomerId;
  },
): Promise<SignUpFacts> {
  const { customerId, serviceId, session, signedUpAt } = signUp;
  const promotions = await findPromotionsById(tx, clickedIn(session));
  const partners = await partnersOf(
    tx,
    promotions.map(({ partnerId }) => partnerId),
  );
  const choices = await findChoices(tx, [customerId]);
  const versions = await findRecordVersions(tx, { customerId, type: 'customer' });
  const related = await findRelationshipsOfCustomers(tx, [customerId]);
  const payments = await findSettledPayments(tx, { customerIds: [customerId] });
  const [current] = versions;
  const likenesses = new Map<PartnerId, Likeness>();
  for (const { id, name } of partners) {
    const contacts = await findPartnerContacts(tx, id);
    const known = { name, addresses: contacts.map(({ email }) => email) };
    const likeness = current && likenessOf(current.body, known);
    if (likeness) likenesses.set(id, likeness);
  }
  return {
    signedUpAt,
    serviceId,
    session,
    promotions,
    retired: new Set(partners.filter((one) => one.status === 'retired').map(({ id }) => id)),
    refused: new Set(
      partners
        .filter(({ id }) => objectionToSharing(choices, { partnerId: id, at: signedUpAt }))
        .map(({ id }) => id),
    ),
    likenesses,
    knownSince: versions.at(-1)?.validFrom ?? null,
    firstPaidAt: payments.find(({ amountMinor }) => amountMinor > 0n)?.settledAt ?? null,
    firstRelatedAt: earliest(related.map(({ attributedAt }) => attributedAt)),
    isReferred: related.some(
      (one) => one.kind === 'referral' && one.serviceId === serviceId && one.endedAt === null,
    ),
  };
}

function clickedIn(session: Session) {
  return session.is === 'read' ? session.clicks.map(({ promotionId }) => promotionId) : [];
}

async function partnersOf(tx: Transaction, ids: readonly PartnerId[]): Promise<Partner[]> {
  const partners: Partner[] = [];
  for (const id of new Set(ids)) {
    const partner = await findPartner(tx, id);
    if (partner) partners.push(partner);
  }
  return partners;
}

function earliest(moments: readonly Date[]): Date | null {
  return moments.reduce<Date | null>((first, at) => (first && first <= at ? first : at), null);
}
