import { calculateJwkThumbprint } from 'jose';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockClient } from './client-store.ts';
import { InvalidClient, UnknownClient } from './client.ts';
import { readKeySet, type PublicJwk } from '../signatures/index.ts';
import { endKeys, insertKey } from './key-store.ts';

/**
 * Gives a client its next keys. Those before it stay good for the overlap (in seconds; 0 ends them
 * now), any older ones end now; a key that is in the new set too stays without an end. Refusals:
 * `unknown-client`, `invalid-client` (the set, or a client that has a secret instead).
 */
export async function rotateClientKeys(
  { db, clock }: Tools,
  { clientId, jwks, overlapSeconds }: { clientId: string; jwks: string; overlapSeconds: number },
): Promise<{ olderUntil: Date; thumbprints: readonly string[] }> {
  const keys = await givenKeys(jwks);
  const now = clock.now();
  const olderUntil = new Date(now.getTime() + overlapSeconds * 1000);
  await inTransaction(db, async (tx) => {
    const client = await lockClient(tx, clientId);
    if (client?.status !== 'active') throw new Refusal(UnknownClient);
    if (client.authMethod !== 'private_key_jwt') {
      throw new Refusal(InvalidClient, 'The client has a secret and no keys: add one with keys.');
    }
    if (client.jwksUri !== null) {
      const detail = `The client hosts its keys at ${client.jwksUri}: change them there.`;
      throw new Refusal(InvalidClient, detail);
    }
    await endKeys(tx, { clientId, now, until: olderUntil });
    for (const key of keys) await insertKey(tx, { clientId, ...key, at: now });
  });
  return { olderUntil, thumbprints: keys.map(({ thumbprint }) => thumbprint) };
}

/** The keys of a JWK Set with their thumbprints (RFC 7638). Throws Refusal `invalid-client`. */
export async function givenKeys(
  jwks: string,
): Promise<readonly { readonly jwk: PublicJwk; readonly thumbprint: string }[]> {
  const read = readKeySet(jwks);
  if ('wrong' in read) throw new Refusal(InvalidClient, read.wrong, { field: read.field });
  return Promise.all(
    read.keys.map(async ({ jwk }) => ({ jwk, thumbprint: await calculateJwkThumbprint(jwk) })),
  );
}
