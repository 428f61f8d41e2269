import type { Transaction } from '../platform/database.ts';
import { encodeAscending } from '../platform/ascending.ts';
import type { Tools } from '../platform/tools.ts';
import { findDigests, nextDigest } from './digest-day.ts';
import { dayOf, pseudonymOf } from './digest-rules.ts';
import { findSecrets, insertErasedLeaves } from './digest-store.ts';

/**
 * Keeps of a customer who is being erased from one log what the digest of each day needs: the name
 * that the customer had there, which follows from nothing that is left, and the entries. The next
 * digest, which is not made yet, will have it too. `shown`: the indices of the entries, ascending,
 * once for each leaf. The caller has locked the log's head.
 */
export async function keepErased(
  tx: Transaction,
  tools: Pick<Tools, 'settings' | 'clock' | 'random'>,
  {
    recipientId,
    origin,
    customerId,
    shown,
  }: {
    recipientId: string;
    origin: string;
    customerId: string;
    shown: readonly number[];
  },
): Promise<void> {
  const now = tools.clock.now();
  const known = (await findSecrets(tx, [customerId])).get(customerId);
  // Who was in no digest yet has no secret: any name will do.
  const secret = known ?? tools.random.bytes(32);
  const log = { recipientId, origin };
  const digests = await findDigests({ ...tools, db: tx }, log, now);
  const next = await nextDigest({ ...tools, db: tx }, { ...log, until: dayOf(now) });
  const days = [
    ...digests.map(({ digest }) => digest),
    ...(next ? [{ ...next, to: Number.POSITIVE_INFINITY }] : []),
  ];
  const leaves = days.flatMap(({ day, from, to }) => {
    const entries = shown.filter((index) => index >= from && index < to);
    const pseudonym = pseudonymOf(secret, origin, day);
    return entries.length === 0 ? [] : [{ day, pseudonym, entries: encodeAscending(entries) }];
  });
  await insertErasedLeaves(tx, recipientId, leaves);
}
