import { findPartners, type PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { findServices } from '../records/index.ts';
import { findPromotions } from './promotion-store.ts';
import { isInForce, type Promotion } from './promotion.ts';

/** A promotion with the names that people know. */
export interface ToldPromotion extends Promotion {
  readonly partner: string;
  /** Its key; null: any. */
  readonly service: string | null;
  readonly link: string;
  readonly standing: 'waiting' | 'in force' | 'over';
}

/** All promotions, or a partner's, by their codes. */
export async function listPromotions(
  { db, clock, settings }: Pick<Tools, 'db' | 'clock' | 'settings'>,
  { partnerId }: { readonly partnerId?: PartnerId | undefined } = {},
): Promise<ToldPromotion[]> {
  const partners = new Map((await findPartners(db)).map(({ id, key }) => [id, key]));
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const now = clock.now();
  return (await findPromotions(db, partnerId)).map((one) => ({
    ...one,
    partner: partners.get(one.partnerId) ?? '',
    service: one.serviceId === null ? null : (services.get(one.serviceId) ?? null),
    link: `${settings.origin}/r/${one.code}`,
    standing: isInForce(one, now) ? 'in force' : one.from > now ? 'waiting' : 'over',
  }));
}
