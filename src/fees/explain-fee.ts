import type { AccrualLine, LineId } from '../earnings/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findLine } from './accrual-store.ts';
import { UnknownFeeLine } from './accrual.ts';

/** A line, by our id, or, with the partner named, by the id that the partner reads. */
export interface AskedLine {
  readonly lineId: string;
  readonly partnerId?: PartnerId | undefined;
}

/** One stored line with its explanation. Refuses an id that names none. */
export async function explainFee(tools: Tools, asked: AskedLine): Promise<AccrualLine> {
  const id = lineIdOf(tools, asked);
  const line = id && (await findLine(tools.db, id));
  const { partnerId } = asked;
  const isAnothers = partnerId !== undefined && line?.partnerId !== partnerId;
  if (!line || isAnothers) throw new Refusal(UnknownFeeLine);
  return line;
}

/** Our id of a line, whether or not there is one still; undefined where it cannot be one. */
export function lineIdOf(tools: Tools, { lineId, partnerId }: AskedLine): LineId | undefined {
  const isOurs = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lineId);
  return (isOurs ? lineId : behind(tools, partnerId, lineId)) as LineId | undefined;
}

function behind(
  { settings }: Tools,
  partnerId: PartnerId | undefined,
  id: string,
): string | undefined {
  if (partnerId === undefined) return undefined;
  return pairwiseOf(settings.keys.pairwise, partnerId).uuidOf('fee-line', id);
}
