import type { Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { isSamePosting, linesOf } from './entry-rules.ts';
import { EntryConflict, type EntryId, type Posting } from './entry.ts';
import { findPosting, insertEntry } from './ledger-store.ts';

/**
 * Posts an entry once for its source: asked again with the same lines it posts nothing and answers
 * the entry that stands. Refuses a source that has posted something else.
 */
export async function postEntry(
  tx: Transaction,
  tools: Pick<Tools, 'clock' | 'random'>,
  posting: Posting,
): Promise<EntryId> {
  const entryId = newUuid(tools) as EntryId;
  const lines = linesOf(posting);
  const entry = { ...posting, entryId, reversesEntryId: null, bookedAt: tools.clock.now() };
  if (await insertEntry(tx, entry, lines)) return entryId;
  const standing = await findPosting(tx, posting);
  if (!standing || !isSamePosting(standing.lines, lines)) throw new Refusal(EntryConflict);
  return standing.entryId;
}
