import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Promotion, PromotionId } from './promotion.ts';

const columns = {
  id: 'promotions.id',
  partnerId: 'promotions.partner_id',
  code: 'promotions.code',
  serviceId: 'promotions.service_id',
  landing: 'promotions.landing',
  from: 'promotions.from_at',
  until: 'promotions.until_at',
};

/** Adds a promotion; false where its code is or was another's. */
export async function insertPromotion(
  tx: Transaction,
  { partnerId, serviceId, from, until, ...promotion }: Promotion,
  { by, at }: { by: string; at: Date },
): Promise<boolean> {
  const rows = await tx('promotions')
    .insert({
      ...promotion,
      partner_id: partnerId,
      service_id: serviceId,
      from_at: from,
      until_at: until,
      added_by: by,
      created_at: at,
    })
    .onConflict('code')
    .ignore()
    .returning<{ id: string }[]>('id');
  return rows.length === 1;
}

export async function findPromotionByCode(
  db: Database | Transaction,
  code: string,
): Promise<Promotion | undefined> {
  return db('promotions').select<Promotion[]>(columns).where('promotions.code', code).first();
}

export async function lockPromotion(tx: Transaction, code: string): Promise<Promotion | undefined> {
  const locking = tx('promotions').select<Promotion[]>(columns).where('promotions.code', code);
  return locking.forUpdate().first();
}

/** The promotions with these ids. */
export async function findPromotionsById(
  db: Database | Transaction,
  ids: readonly PromotionId[],
): Promise<Promotion[]> {
  return db('promotions')
    .select<Promotion[]>(columns)
    .whereRaw('promotions.id = any(?::uuid[])', [[...ids]])
    .orderBy('promotions.id');
}

/** All promotions, or a partner's, by their codes. */
export async function findPromotions(
  db: Database | Transaction,
  partnerId?: PartnerId,
): Promise<Promotion[]> {
  const found = db('promotions').select<Promotion[]>(columns).orderBy('promotions.code');
  return partnerId === undefined ? found : found.where('promotions.partner_id', partnerId);
}

export async function updatePromotionEnd(
  tx: Transaction,
  id: PromotionId,
  { until, by }: { until: Date; by: string },
): Promise<void> {
  await tx('promotions').where('promotions.id', id).update({ until_at: until, ended_by: by });
}
