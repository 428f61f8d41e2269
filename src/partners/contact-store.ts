import type { Database, Transaction } from '../platform/database.ts';
import type { PartnerContact, PartnerId } from './partner.ts';

/** Whom to turn to at a partner now, by matter. */
export async function findPartnerContacts(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<PartnerContact[]> {
  return db('partner_contacts')
    .select<PartnerContact[]>({
      matter: 'partner_contacts.matter',
      name: 'partner_contacts.name',
      email: 'partner_contacts.email',
      since: 'partner_contacts.since',
    })
    .where('partner_contacts.partner_id', partnerId)
    .whereNull('partner_contacts.until')
    .orderBy('partner_contacts.matter');
}

export async function endPartnerContact(
  tx: Transaction,
  partnerId: PartnerId,
  { matter, until }: { matter: string; until: Date },
): Promise<void> {
  await tx('partner_contacts')
    .where({ partner_id: partnerId, matter })
    .whereNull('partner_contacts.until')
    .update({ until });
}

export async function insertPartnerContact(
  tx: Transaction,
  partnerId: PartnerId,
  { matter, name, email, since }: PartnerContact,
): Promise<void> {
  await tx.raw(
    `insert into partner_contacts (partner_id, matter, sequence, name, email, since)
     select ?::uuid, ?, coalesce(max(partner_contacts.sequence), 0) + 1, ?, ?, ?
     from partner_contacts
     where partner_contacts.partner_id = ?::uuid and partner_contacts.matter = ?`,
    [partnerId, matter, name, email, since, partnerId, matter],
  );
}
