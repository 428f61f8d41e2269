import type { Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { placeOf } from '../transparency/index.ts';
import { insertLog, isPlaceTaken } from './head-store.ts';
import { headLog, type LogHead } from './log.ts';

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

/** A log's id and its name, host/log/id. */
interface LogName {
  readonly logId: string;
  readonly origin: string;
}

/**
 * A random id and its origin; another is drawn where the place of the origin is taken, or where the
 * id is like one of the head log.
 */
export async function drawLog(
  tx: Transaction,
  { settings, random }: Pick<Tools, 'settings' | 'random'>,
): Promise<LogName> {
  for (;;) {
    const logId = random.bytes(16).toString('base64url');
    const origin = originOf(settings, logId);
    if (!logId.startsWith('head-') && !(await isPlaceTaken(tx, placeOf(origin))))
      return { logId, origin };
  }
}

/** Opens the head log, host/log/head, unless somebody else just has. */
export async function openHeadLog(
  tx: Transaction,
  { settings }: Pick<Tools, 'settings'>,
): Promise<void> {
  await insertLog(tx, { recipientId: headLog, ...headLogName(settings, 0) });
}

/** The head log before its first beat. */
export function emptyHead(settings: Tools['settings']): LogHead {
  const name = headLogName(settings, 0);
  return { recipientId: headLog, ...name, size: 0, epoch: 0n, frontier: [] };
}

/** The name of the head log after so many renewals: host/log/head, host/log/head-2, … */
export function headLogName(settings: Tools['settings'], renewals: number): LogName {
  const logId = renewals === 0 ? 'head' : `head-${String(renewals + 1)}`;
  return { logId, origin: originOf(settings, logId) };
}

/** How often the head log was renewed when it had this name. */
export function renewalsIn(origin: string): number {
  const [, number = '1'] = /\/head-([1-9]\d*)$/.exec(origin) ?? [];
  return Number(number) - 1;
}

function originOf({ origin }: Tools['settings'], logId: string): string {
  return `${new URL(origin).host}/log/${logId}`;
}
