import { findHeldLineIds, findLinesById, type AccrualLine } from '../fees/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { findDisputed } from './find-disputed.ts';

/** The lines behind a figure of the month: what is held, or what disputes of payments took back. */
export async function listLines(
  { db }: Pick<Tools, 'db'>,
  asked: {
    readonly partnerId: PartnerId;
    /** YYYY-MM */
    readonly month: string;
    readonly which: 'held' | 'disputed';
    /** One currency; all where none is named. */
    readonly currency?: string | undefined;
  },
): Promise<AccrualLine[]> {
  const { partnerId, month, which } = asked;
  const lines = await inTransaction(db, async (tx) => {
    await tx.raw('set transaction isolation level repeatable read, read only');
    const of = { partnerId, month };
    const lineIds =
      which === 'held'
        ? await findHeldLineIds(tx, of)
        : (await findDisputed(tx, of)).map(({ lineId }) => lineId);
    return findLinesById(tx, partnerId, lineIds);
  });
  return lines.filter(({ currency }) => currency === (asked.currency ?? currency));
}
