import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { endSecrets, insertSecret, lockClient } from './client-store.ts';
import { hashOf, InvalidClient, UnknownClient } from './client.ts';

/**
 * Gives a client its next secret, shown this once. The secret before it stays good for the overlap
 * (in seconds; 0 ends it now), any older one ends now. Refusals: `unknown-client`,
 * `invalid-client` (one that has keys instead).
 */
export async function rotateClientSecret(
  { db, clock, random }: Tools,
  { clientId, overlapSeconds }: { clientId: string; overlapSeconds: number },
): Promise<{ secret: string; olderUntil: Date }> {
  const now = clock.now();
  const secret = `sls_${random.bytes(32).toString('base64url')}`;
  const olderUntil = new Date(now.getTime() + overlapSeconds * 1000);
  await inTransaction(db, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client?.status !== 'active') throw new Refusal(UnknownClient);
    if (client.authMethod !== 'client_secret_basic') {
      throw new Refusal(InvalidClient, 'The client has keys and no secret: rotate them.');
    }
    await endSecrets(tx, { clientId, now, until: olderUntil });
    await insertSecret(tx, { clientId, hash: hashOf(secret), at: now });
  });
  return { secret, olderUntil };
}
