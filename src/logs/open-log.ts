import type { Transaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { insertLog } from './head-store.ts';

/**
 * Opens the disclosure log of a recipient that has none. Its id is 128 random bits, so that its
 * address tells nobody whose it is; its origin is host/log/id.
 */
export async function openLog(
  tx: Transaction,
  { tools, recipientId }: { tools: Pick<Tools, 'settings' | 'random'>; recipientId: string },
): Promise<void> {
  const logId = tools.random.bytes(16).toString('base64url');
  const { host } = new URL(tools.settings.origin);
  await insertLog(tx, { recipientId, logId, origin: `${host}/log/${logId}` });
}
