import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockPromotion, updatePromotionEnd } from './promotion-store.ts';
import { codeOf, InvalidPromotion, UnknownPromotion, type Promotion } from './promotion.ts';

/**
 * Ends a promotion, now or at a moment to come: clicks from then on count for nothing, and those
 * before go on counting. An end is only ever brought forward. Refusals: `unknown-promotion`,
 * `invalid-promotion`.
 */
export async function endPromotion(
  tools: Tools,
  { code, at, by }: { readonly code: string; readonly at?: Date | undefined; readonly by: string },
): Promise<Promotion> {
  const known = codeOf(code);
  return inTransaction(tools.db, async (tx) => {
    const promotion = known === undefined ? undefined : await lockPromotion(tx, known);
    if (!promotion) throw new Refusal(UnknownPromotion);
    const now = tools.clock.now();
    const wanted = at ?? now;
    if (wanted < now) {
      const detail = 'It cannot end before now: clicks may have counted since.';
      throw new Refusal(InvalidPromotion, detail, { field: 'at' });
    }
    // One that has not begun ends where it would begin: it never counts.
    const until = wanted < promotion.from ? promotion.from : wanted;
    if (promotion.until !== null && promotion.until <= until) return promotion;
    await updatePromotionEnd(tx, promotion.id, { until, by });
    return { ...promotion, until };
  });
}
