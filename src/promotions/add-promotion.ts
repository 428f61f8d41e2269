import { findPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { allowedAddress } from '../platform/landing.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { findServiceByKey } from '../records/index.ts';
import { insertPromotion } from './promotion-store.ts';
import {
  codeOf,
  InvalidPromotion,
  LandingNotAllowed,
  PromotionExists,
  type Promotion,
  type PromotionId,
} from './promotion.ts';

/**
 * Gives a referral partner a link: a code, the address that it leads to, and from when until when its
 * clicks count. It begins now at the earliest, since nobody clicked before. Refusals:
 * `unknown-partner`, `invalid-promotion`, `landing-not-allowed`, `promotion-exists`.
 */
export async function addPromotion(
  tools: Tools,
  adding: {
    readonly partnerId: PartnerId;
    readonly code: string;
    readonly landing: string;
    /** The key of the service whose sign-ups count; any where none is named. */
    readonly service?: string | undefined;
    readonly from?: Date | undefined;
    readonly until?: Date | undefined;
    readonly by: string;
  },
): Promise<Promotion> {
  const { partnerId, service, by } = adding;
  const { landingOrigins } = tools.settings;
  const code = codeOf(adding.code);
  if (code === undefined) {
    const detail = 'A code has 1 to 40 letters, digits and hyphens, no hyphen at an end.';
    throw new Refusal(InvalidPromotion, detail, { field: 'code' });
  }
  const landing = allowedAddress(adding.landing, landingOrigins);
  if (landing === undefined) {
    const detail = landingOrigins.length === 0 ? noOrigins : undefined;
    throw new Refusal(LandingNotAllowed, detail, { field: 'landing' });
  }
  return inTransaction(tools.db, async (tx) => {
    const partner = await findPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.kind !== 'referral' || partner.status === 'retired') {
      const detail = 'Only a referral partner that is not retired has promotions.';
      throw new Refusal(InvalidPromotion, detail, { field: 'partner' });
    }
    const now = tools.clock.now();
    const from = adding.from ?? now;
    const until = adding.until ?? null;
    if (from < now || (until !== null && until <= from)) {
      const detail = 'A promotion begins now or later, and ends after it begins.';
      throw new Refusal(InvalidPromotion, detail, { field: from < now ? 'from' : 'until' });
    }
    const held = service === undefined ? undefined : await findServiceByKey(tx, service);
    if (service !== undefined && !held) {
      throw new Refusal(InvalidPromotion, 'No service has this key.', { field: 'service' });
    }
    const id = newUuid(tools) as PromotionId;
    const promotion = { id, partnerId, code, serviceId: held?.id ?? null, landing, from, until };
    if (!(await insertPromotion(tx, promotion, { by, at: now }))) {
      throw new Refusal(PromotionExists, undefined, { field: 'code' });
    }
    return promotion;
  });
}

const noOrigins =
  'No address is allowed: name the origins of your pages in SLUICE_LANDING_ORIGINS.';
