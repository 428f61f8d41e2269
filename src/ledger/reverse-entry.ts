import type { PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { opposite } from './entry-rules.ts';
import { UnknownEntry, type EntryId } from './entry.ts';
import { findEntry, findPosting, insertEntry } from './ledger-store.ts';

/**
 * Takes an entry back by a new one that points at it, once: asked again it answers the one that
 * stands. Refuses an entry that there is not. What would break a floor is refused by the database.
 */
export async function reverseEntry(
  tx: Transaction,
  tools: Pick<Tools, 'clock' | 'random'>,
  { partnerId, entryId }: { partnerId: PartnerId; entryId: EntryId },
): Promise<EntryId> {
  const entry = await findEntry(tx, partnerId, entryId);
  if (!entry) throw new Refusal(UnknownEntry);
  const { currency } = entry;
  const source = `reversal ${entryId}`;
  const reversal = {
    ...{ partnerId, currency, source },
    entryId: newUuid(tools) as EntryId,
    reversesEntryId: entryId,
    bookedAt: tools.clock.now(),
  };
  if (await insertEntry(tx, reversal, opposite(entry.lines))) return reversal.entryId;
  const standing = await findPosting(tx, { partnerId, currency, source });
  if (!standing) throw new Error('A reversal stands that nobody finds.');
  return standing.entryId;
}
