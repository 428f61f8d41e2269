import type { AccrualLine, LineId } from '../earnings/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findLine } from './accrual-store.ts';
import { UnknownFeeLine } from './accrual.ts';

/**
 * One stored line with its explanation: by our id, or, with the partner named, by the id that the
 * partner reads. Refuses an id that names none.
 */
export async function explainFee(
  tools: Tools,
  { lineId, partnerId }: { lineId: string; partnerId?: PartnerId | undefined },
): Promise<AccrualLine> {
  const isOurs = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lineId);
  const id = isOurs ? lineId : behind(tools, partnerId, lineId);
  const line = id === undefined ? undefined : await findLine(tools.db, id as LineId);
  const isAnothers = partnerId !== undefined && line?.partnerId !== partnerId;
  if (!line || isAnothers) throw new Refusal(UnknownFeeLine);
  return line;
}

function behind(
  { settings }: Tools,
  partnerId: PartnerId | undefined,
  id: string,
): string | undefined {
  if (partnerId === undefined) return undefined;
  return pairwiseOf(settings.keys.pairwise, partnerId).uuidOf('fee-line', id);
}
