import { raiseEpoch } from '../logs/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { appendPartnerEvent, lockPartner, updatePartnerStatus } from './partner-store.ts';
import { InvalidPartner, UnknownPartner, type PartnerId, type PartnerStatus } from './partner.ts';

/**
 * Suspends, resumes or retires a partner. Whatever it takes away acts on answers under way too:
 * the log's epoch rises in the same transaction. A retired partner stays retired.
 */
export async function changePartnerStatus(
  tools: Tools,
  {
    partnerId,
    status,
    actor = 'command line',
    reason = null,
  }: { partnerId: PartnerId; status: PartnerStatus; actor?: string; reason?: string | null },
): Promise<void> {
  await inTransaction(tools.db, async (tx) => {
    const partner = await lockPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.status === 'retired' && status !== 'retired') {
      throw new Refusal(InvalidPartner, 'A retired partner stays retired.', { field: 'status' });
    }
    await updatePartnerStatus(tx, partnerId, status);
    const bookedAt = tools.clock.now();
    await appendPartnerEvent(tx, partnerId, { status, bookedAt, actor, reason });
    await raiseEpoch(tx, [partnerId]);
  });
}
