import type { Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { placeOf } from '../transparency/index.ts';
import { insertLog, isPlaceTaken } from './head-store.ts';
import { headLog } from './log.ts';

/**
 * Opens the disclosure log of a recipient that has none. Its id is 128 random bits, so that its
 * address tells nobody whose it is; its origin is host/log/id, with a place in the head log of its own.
 */
export async function openLog(
  tx: Transaction,
  { tools, recipientId }: { tools: Pick<Tools, 'settings' | 'random'>; recipientId: string },
): Promise<void> {
  const log = await drawLog(tx, tools);
  await insertLog(tx, { recipientId, ...log });
}

/** A log id and its origin; another is drawn where the place of the origin is taken. */
async function drawLog(tx: Transaction, { settings, random }: Pick<Tools, 'settings' | 'random'>) {
  for (;;) {
    const logId = random.bytes(16).toString('base64url');
    const origin = originOf(settings, logId);
    if (!(await isPlaceTaken(tx, placeOf(origin)))) return { logId, origin };
  }
}

/** Opens the head log, host/log/head, unless somebody else just has. */
export async function openHeadLog(
  tx: Transaction,
  { settings }: Pick<Tools, 'settings'>,
): Promise<void> {
  const logId = 'head';
  await insertLog(tx, { recipientId: headLog, logId, origin: originOf(settings, logId) });
}

function originOf({ origin }: Tools['settings'], logId: string): string {
  return `${new URL(origin).host}/log/${logId}`;
}
