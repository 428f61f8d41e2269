import { findPartner } from '../partners/index.ts';
import { allowedAddress } from '../platform/landing.ts';
import { NotFound, Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { noClicks, withClick, type Clicks } from './click-rules.ts';
import { cookieKeyOf } from './cookie-key.ts';
import { cookieNameOf, cookiesIn, openClicks, sealClicks, setCookieOf } from './cookie-rules.ts';
import { findPromotionByCode } from './promotion-store.ts';
import { codeOf, isInForce, LandingNotAllowed, type Promotion } from './promotion.ts';

/**
 * Follows a partner's link: where it leads, and, where the visitor accepts to be remembered, the
 * session cookie that names the promotion (P26). A code that is unknown, not in force or of a retired
 * partner is answered alike, without a cookie. Refusals: `landing-not-allowed` for an address that is
 * not the operator's own, `not-found`.
 */
export async function followLink(
  tools: Tools,
  link: {
    readonly code: string;
    /** Where the visitor wants to be led instead of the promotion's own address. */
    readonly to: string | undefined;
    readonly cookieHeader: string | undefined;
    readonly mayRemember: boolean;
  },
): Promise<{ readonly location: string; readonly cookie: string | undefined }> {
  const { landingOrigins, landingDefault } = tools.settings;
  if (landingOrigins.length === 0) throw new Refusal(NotFound);
  const wanted = link.to === undefined ? undefined : allowedAddress(link.to, landingOrigins);
  if (link.to !== undefined && wanted === undefined) {
    throw new Refusal(LandingNotAllowed, undefined, { field: 'to' });
  }
  const promotion = await findLive(tools, link.code);
  // The list of origins may be shorter by now.
  const landing = promotion && allowedAddress(promotion.landing, landingOrigins);
  if (!promotion || landing === undefined) {
    if (landingDefault === undefined) throw new Refusal(NotFound);
    return { location: landingDefault, cookie: undefined };
  }
  const location = wanted ?? landing;
  if (!link.mayRemember) return { location, cookie: undefined };
  const before = await readClicks(tools, link.cookieHeader);
  const clicks = withClick(before, promotion.id, tools.clock.now());
  const value = await sealClicks(cookieKeyOf(tools.settings), clicks);
  return { location, cookie: setCookieOf(tools.settings.cookieDomain, value) };
}

async function findLive({ db, clock }: Tools, text: string): Promise<Promotion | undefined> {
  const code = codeOf(text);
  const promotion = code === undefined ? undefined : await findPromotionByCode(db, code);
  if (!promotion || !isInForce(promotion, clock.now())) return undefined;
  const partner = await findPartner(db, promotion.partnerId);
  return partner?.status === 'retired' ? undefined : promotion;
}

/** The clicks of the session so far; none where its cookie is broken or not ours. */
async function readClicks({ settings }: Tools, cookieHeader: string | undefined): Promise<Clicks> {
  const key = cookieKeyOf(settings);
  for (const value of cookiesIn(cookieHeader, cookieNameOf(settings.cookieDomain)).slice(0, 4)) {
    const clicks = await openClicks(key, value);
    if (clicks) return clicks;
  }
  return noClicks;
}
