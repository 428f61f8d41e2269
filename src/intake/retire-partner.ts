import { findAgreementVersions, retireIn } from '../agreements/index.ts';
import { changeStatusIn, findPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findRelationshipsOfPartner } from '../relationships/index.ts';
import { changeRelationship } from './change-relationship.ts';

/**
 * Retires a partner for good. One transaction ends its standing and its agreement: from that commit on
 * no token of it counts, nothing is disclosed, and what is under way stops. Then the ledger says of each
 * of its relationships that it ended; run again, this goes on where it was interrupted. Answers how many
 * ended now. Throws Refusal `unknown-partner`.
 */
export async function retirePartner(
  tools: Tools,
  retiring: {
    readonly partnerId: PartnerId;
    readonly actor: string;
    readonly reason: string;
    /** Told from time to time how many relationships are ended. */
    readonly onProgress?: (ended: number) => void;
  },
): Promise<{ readonly ended: number }> {
  const { partnerId, actor, reason, onProgress } = retiring;
  const partner = await findPartner(tools.db, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  if (partner.status !== 'retired') {
    await inTransaction(tools.db, async (tx) => {
      await changeStatusIn(tx, tools, { partnerId, status: 'retired', actor, reason });
      const last = (await findAgreementVersions(tx, partnerId)).at(-1);
      const isOver = last?.retirement && last.retirement.endsAt <= tools.clock.now();
      if (last && !isOver)
        await retireIn(tx, tools, { partnerId, side: 'operator', by: actor, reason });
    });
  }
  const open = (await findRelationshipsOfPartner(tools.db, partnerId)).filter(
    ({ endedAt }) => endedAt === null,
  );
  for (const [index, { customerId, serviceId }] of open.entries()) {
    const change = { partner, customerId, serviceId, event: 'ended' as const, actor };
    const evidence = 'the partner was retired';
    await changeRelationship(tools, { ...change, at: tools.clock.now(), evidence });
    onProgress?.(index + 1);
  }
  return { ended: open.length };
}
