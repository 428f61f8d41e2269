import { findProposals, type ProposalOutline, type ProposalStatus } from '../people/index.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { refuseParameter } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';

/**
 * Proposals of one status or of all, the newest first, after the place that `cursor` names; `next`
 * is null at the end. Refuses a cursor that was not made for the same status as `param-invalid`.
 */
export async function listProposals(
  { db, clock, settings }: Tools,
  asked: {
    status?: ProposalStatus | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<{ proposals: readonly ProposalOutline[]; next: string | null }> {
  const { status, limit, cursor } = asked;
  const context = ['operator-proposals', status ?? ''];
  const before =
    cursor === undefined ? undefined : openCursor(settings.keys.cursor, context, cursor);
  if (cursor !== undefined && before === undefined) {
    refuseParameter('cursor', 'must be the `next` of an earlier answer');
  }
  const found = await findProposals(db, { status, before, limit: limit + 1, now: clock.now() });
  const proposals = found.slice(0, limit);
  const last = found.length > limit ? proposals.at(-1) : undefined;
  return { proposals, next: last ? sealCursor(settings.keys.cursor, context, last.id) : null };
}
