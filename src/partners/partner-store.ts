import type { Database, Transaction } from '../platform/database.ts';
import type { Partner, PartnerEvent, PartnerId, PartnerStatus } from './partner.ts';

const columns = {
  id: 'partners.id',
  key: 'partners.key',
  kind: 'partners.kind',
  name: 'partners.name',
  status: 'partners.status',
  legalForm: 'partners.legal_form',
};

export async function insertPartner(
  tx: Transaction,
  { legalForm, ...one }: Partner,
): Promise<boolean> {
  const rows = await tx('partners')
    .insert({ ...one, legal_form: legalForm })
    .onConflict('key')
    .ignore()
    .returning<{ id: string }[]>('id');
  return rows.length === 1;
}

export async function findPartner(
  db: Database | Transaction,
  id: PartnerId,
): Promise<Partner | undefined> {
  return db('partners').select<Partner[]>(columns).where('partners.id', id).first();
}

export async function findPartnerByKey(
  db: Database | Transaction,
  key: string,
): Promise<Partner | undefined> {
  return db('partners').select<Partner[]>(columns).where('partners.key', key).first();
}

export async function findPartners(db: Database | Transaction): Promise<Partner[]> {
  return db('partners').select<Partner[]>(columns).orderBy('partners.key');
}

export async function updatePartnerStatus(
  tx: Transaction,
  id: PartnerId,
  status: PartnerStatus,
): Promise<void> {
  await tx('partners').where('partners.id', id).update({ status });
}

/** Books how a partner stands from a moment on. */
export async function appendPartnerEvent(
  tx: Transaction,
  partnerId: PartnerId,
  { status, bookedAt, actor, reason }: PartnerEvent,
): Promise<void> {
  await tx.raw(
    `insert into partner_events (partner_id, sequence, status, booked_at, actor, reason)
     select ?::uuid, coalesce(max(partner_events.sequence), 0) + 1, ?, ?, ?, ?
     from partner_events where partner_events.partner_id = ?::uuid`,
    [partnerId, status, bookedAt, actor, reason, partnerId],
  );
}

interface EventRow {
  readonly status: PartnerStatus;
  readonly booked_at: Date;
  readonly actor: string;
  readonly reason: string | null;
}

/** How a partner stood since when, in the order of booking. */
export async function findPartnerEvents(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<PartnerEvent[]> {
  const rows = await db('partner_events')
    .select<EventRow[]>('status', 'booked_at', 'actor', 'reason')
    .where('partner_events.partner_id', partnerId)
    .orderBy('partner_events.sequence');
  return rows.map(({ booked_at: bookedAt, ...row }) => ({ ...row, bookedAt }));
}

/** The partner's row, locked, so that two changes of its agreement follow one another. */
export async function lockPartner(tx: Transaction, id: PartnerId): Promise<Partner | undefined> {
  return tx('partners').select<Partner[]>(columns).where('partners.id', id).forUpdate().first();
}
