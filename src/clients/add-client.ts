import { findPartner, InvalidPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { insertClient, insertSecret } from './client-store.ts';
import { hashOf, InvalidClient, type Client } from './client.ts';

/**
 * Gives a partner's program its credentials. The secret is returned this once and never again.
 * Refusals: `unknown-partner`, `invalid-partner` (a retired one), `invalid-client`.
 */
export async function addClient(
  { db, clock, random }: Tools,
  { partnerId, name }: { partnerId: PartnerId; name: string },
): Promise<{ client: Client; secret: string }> {
  if (!/^\P{C}{1,200}$/u.test(name)) {
    throw new Refusal(InvalidClient, 'A name has 1 to 200 printable characters.', {
      field: 'name',
    });
  }
  const now = clock.now();
  const secret = `sls_${random.bytes(32).toString('base64url')}`;
  const clientId = `cli_${random.bytes(16).toString('base64url')}`;
  const client: Client = { clientId, partnerId, name, status: 'active' };
  await inTransaction(db, async (tx) => {
    const partner = await findPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.status === 'retired') {
      throw new Refusal(InvalidPartner, 'The partner is retired: it gets no more clients.');
    }
    await insertClient(tx, client, now);
    await insertSecret(tx, { clientId, hash: hashOf(secret), at: now });
  });
  return { client, secret };
}
