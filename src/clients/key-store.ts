import type { Transaction } from '../platform/database.ts';

/** Keeps a key of a client. One that it has already, ended or not, is good again without an end. */
export async function insertKey(
  tx: Transaction,
  {
    clientId,
    thumbprint,
    jwk,
    at,
  }: { clientId: string; thumbprint: string; jwk: object; at: Date },
): Promise<void> {
  await tx('client_keys')
    .insert({
      client_id: clientId,
      thumbprint,
      jwk: JSON.stringify(jwk),
      created_at: at,
      expires_at: null,
    })
    .onConflict(['client_id', 'thumbprint'])
    .merge(['expires_at']);
}

/** The keys without an end get one; those that had one end now. */
export async function endKeys(
  tx: Transaction,
  { clientId, now, until }: { clientId: string; now: Date; until: Date },
): Promise<void> {
  const keys = () => tx('client_keys').where('client_keys.client_id', clientId);
  await keys().where('client_keys.expires_at', '>', now).update({ expires_at: now });
  await keys().whereNull('client_keys.expires_at').update({ expires_at: until });
}
