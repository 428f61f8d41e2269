import { raiseEpoch } from '../logs/index.ts';
import { lockPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { endOf } from './lifecycle-rules.ts';
import { findViews, insertRetirement } from './view-store.ts';
import { InvalidView, UnknownView, type View } from './view.ts';

/**
 * Decides when a version of a partner's view is over: at a moment to come, at once where none is
 * given; a version that waits to take effect is withdrawn by a moment before it does. An end is only
 * ever brought forward, so that it takes away and never gives; what is over stays over.
 */
export async function retireView(
  tools: Tools,
  {
    partnerId,
    version,
    at,
    actor = 'operator',
  }: {
    partnerId: PartnerId;
    version: number;
    at?: Date | undefined;
    actor?: string | undefined;
  },
): Promise<View> {
  return inTransaction(tools.db, async (tx) => {
    await lockPartner(tx, partnerId);
    const versions = await findViews(tx, partnerId);
    const view = versions.find((one) => one.version === version);
    if (!view) throw new Refusal(UnknownView);
    const decidedAt = tools.clock.now();
    const retiresAt = at ?? decidedAt;
    if (!(retiresAt >= decidedAt)) {
      throw new Refusal(InvalidView, 'A view is over at once or at a moment to come.', {
        field: 'at',
      });
    }
    const end = endOf(view, versions);
    if (end && end.retiresAt <= retiresAt) {
      const detail = 'The version is over by then: an end is only ever brought forward.';
      throw new Refusal(InvalidView, detail, { field: 'at' });
    }
    await insertRetirement(tx, view, { retiresAt, decidedAt, actor });
    await raiseEpoch(tx, [partnerId]);
    return { ...view, retirement: { retiresAt, decidedAt } };
  });
}
