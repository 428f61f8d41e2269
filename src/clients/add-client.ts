import { findPartner, InvalidPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { insertClient, insertSecret } from './client-store.ts';
import { hashOf, InvalidClient, type Client } from './client.ts';
import { givenKeys } from './rotate-client-keys.ts';
import { insertKey } from './key-store.ts';

interface NewClient {
  readonly partnerId: PartnerId;
  /** To tell clients apart. */
  readonly name: string;
  /** Whether it gets bound tokens alone (DPoP); it may use them in any case. */
  readonly isDpopRequired?: boolean | undefined;
  /** Whether it has made-up data alone, and never a real record. */
  readonly isSandbox?: boolean | undefined;
}

/**
 * Gives a partner's program its credentials: by the keys of a JWK Set, of which the private parts
 * never leave the program, or else by a secret, which is returned this once and never again.
 * Refusals: `unknown-partner`, `invalid-partner` (a retired one), `invalid-client`.
 */
export async function addClient(
  tools: Tools,
  given: NewClient & { readonly jwks?: undefined },
): Promise<{ client: Client; secret: string }>;
export async function addClient(
  tools: Tools,
  given: NewClient & { readonly jwks?: string | undefined },
): Promise<{ client: Client; secret?: string }>;
export async function addClient(
  { db, clock, random }: Tools,
  {
    partnerId,
    name,
    jwks,
    isDpopRequired = false,
    isSandbox = false,
  }: NewClient & { readonly jwks?: string | undefined },
): Promise<{ client: Client; secret?: string }> {
  if (!/^\P{C}{1,200}$/u.test(name)) {
    throw new Refusal(InvalidClient, 'A name has 1 to 200 printable characters.', {
      field: 'name',
    });
  }
  const keys = jwks === undefined ? undefined : await givenKeys(jwks);
  const now = clock.now();
  const secret = `sls_${random.bytes(32).toString('base64url')}`;
  const clientId = `cli_${random.bytes(16).toString('base64url')}`;
  const authMethod = keys ? 'private_key_jwt' : 'client_secret_basic';
  const client: Client = {
    clientId,
    partnerId,
    name,
    status: 'active',
    authMethod,
    isDpopRequired,
    isSandbox,
  };
  await inTransaction(db, async (tx) => {
    const partner = await findPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.status === 'retired') {
      throw new Refusal(InvalidPartner, 'The partner is retired: it gets no more clients.');
    }
    await insertClient(tx, client, now);
    for (const key of keys ?? []) await insertKey(tx, { clientId, ...key, at: now });
    if (!keys) await insertSecret(tx, { clientId, hash: hashOf(secret), at: now });
  });
  return keys ? { client } : { client, secret };
}
