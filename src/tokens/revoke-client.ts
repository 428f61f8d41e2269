import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockClient, updateClientStatus } from '../clients/index.ts';
import { UnknownClient } from '../clients/index.ts';
import { forgetClient } from './verify-token.ts';

/**
 * Ends a client for good: its secrets and every token it holds, here at once and within a second in
 * every other process. Throws Refusal `unknown-client`.
 */
export async function revokeClient(
  { db }: Tools,
  { clientId }: { clientId: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client?.status !== 'active') throw new Refusal(UnknownClient);
    await updateClientStatus(tx, clientId, 'revoked');
  });
  forgetClient(db, clientId);
}
