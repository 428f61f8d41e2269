/** Promotions: partners' links, and the session cookie that remembers a click. Owns `promotions`. */
export { addPromotion } from './add-promotion.ts';
export type { Click, Clicks } from './click-rules.ts';
export { cookieKeyOf } from './cookie-key.ts';
export { openClicks } from './cookie-rules.ts';
export { endPromotion } from './end-promotion.ts';
export { followLink } from './follow-link.ts';
export { listPromotions, type ToldPromotion } from './list-promotions.ts';
export { promotionLines } from './promotion-endpoints.ts';
export { findPromotionsById } from './promotion-store.ts';
export { isInForce, type Promotion, type PromotionId } from './promotion.ts';
