import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import type { PostedLine } from './entry.ts';
import { findPostedLines } from './ledger-store.ts';

/** The journal: every line that was posted from one moment on and before another, as it was posted. */
export async function readEntries(
  tools: Pick<Tools, 'db'>,
  asked: {
    partnerId?: PartnerId | undefined;
    from?: Date | undefined;
    until?: Date | undefined;
  },
): Promise<PostedLine[]> {
  return findPostedLines(tools.db, asked);
}
