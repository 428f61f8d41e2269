import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { updateRevokedAt } from './token-store.ts';
import { hashOf } from '../clients/index.ts';
import { forgetToken } from './verify-token.ts';

/**
 * Revokes a client's own token, here at once and within a second in every other process. Nothing
 * happens, and nothing is told, where the token is unknown or another's (RFC 7009, section 2.2).
 */
export async function revokeToken(
  { db, clock, log }: Tools,
  { clientId, secret }: { clientId: string; secret: string },
): Promise<void> {
  const hash = hashOf(secret);
  const at = clock.now();
  await inTransaction(db, (tx) => updateRevokedAt(tx, { hash, clientId, at }));
  forgetToken(db, hash);
  log.info({ clientId }, 'token revoked');
}
