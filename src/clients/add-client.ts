import { findPartner, InvalidPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { insertClient, insertSecret } from './client-store.ts';
import { hashOf, InvalidClient, type Client } from './client.ts';
import { fetchKeys } from './refresh-client-keys.ts';
import { givenCertificates } from './rotate-client-certificates.ts';
import { givenKeys } from './rotate-client-keys.ts';
import { givenNetworks } from './set-client-networks.ts';
import { insertCertificate, insertKey } from './key-store.ts';

interface NewClient {
  readonly partnerId: PartnerId;
  /** To tell clients apart. */
  readonly name: string;
  /** Whether it gets bound tokens alone (DPoP); it may use them in any case. */
  readonly isDpopRequired?: boolean | undefined;
  /** Whether it has made-up data alone, and never a real record. */
  readonly isSandbox?: boolean | undefined;
  /** From which it is served, parted by commas; undefined: from everywhere. */
  readonly networks?: string | undefined;
}

/** Of these one, or none: then it gets a secret. */
interface Proof {
  /** A JWK Set. */
  readonly jwks?: string | undefined;
  /** Where the client hosts it, https and public. */
  readonly jwksUri?: string | undefined;
  /** Certificates (PEM). */
  readonly certificates?: string | undefined;
}

/**
 * Gives a partner's program its credentials: by the keys of a JWK Set or by certificates, of which
 * the private parts never leave the program, or else by a secret, which is returned this once and
 * never again.
 * Refusals: `unknown-partner`, `invalid-partner` (a retired one), `invalid-client`.
 */
export async function addClient(
  tools: Tools,
  given: NewClient & {
    readonly jwks?: undefined;
    readonly jwksUri?: undefined;
    readonly certificates?: undefined;
  },
): Promise<{ client: Client; secret: string }>;
export async function addClient(
  tools: Tools,
  given: NewClient & Proof,
): Promise<{ client: Client; secret?: string }>;
export async function addClient(
  { db, clock, random, fetching }: Tools,
  given: NewClient & Proof,
): Promise<{ client: Client; secret?: string }> {
  const { partnerId, name, isDpopRequired = false, isSandbox = false } = given;
  if (!isPrintable(name, 200)) {
    throw new Refusal(InvalidClient, 'A name has 1 to 200 printable characters.', {
      field: 'name',
    });
  }
  const now = clock.now();
  const { authMethod, keys, certificates } = await readProof(given, { now, fetching });
  const networks = givenNetworks(given.networks);
  const secret = `sls_${random.bytes(32).toString('base64url')}`;
  const clientId = `cli_${random.bytes(16).toString('base64url')}`;
  const hasSecret = authMethod === 'client_secret_basic';
  const client: Client = {
    clientId,
    partnerId,
    name,
    status: 'active',
    authMethod,
    isDpopRequired,
    networks,
    isSandbox,
    jwksUri: given.jwksUri ?? null,
  };
  await inTransaction(db, async (tx) => {
    const partner = await findPartner(tx, partnerId);
    if (!partner) throw new Refusal(UnknownPartner);
    if (partner.status === 'retired') {
      throw new Refusal(InvalidPartner, 'The partner is retired: it gets no more clients.');
    }
    await insertClient(tx, client, now);
    for (const key of keys) await insertKey(tx, { clientId, ...key, at: now });
    for (const certificate of certificates) {
      await insertCertificate(tx, { clientId, certificate, at: now });
    }
    if (hasSecret) await insertSecret(tx, { clientId, hash: hashOf(secret), at: now });
  });
  return hasSecret ? { client, secret } : { client };
}

/** How the client is to prove itself, and by what. Throws Refusal `invalid-client`. */
async function readProof(
  { jwks, jwksUri, certificates: pem, isDpopRequired = false }: NewClient & Proof,
  { now, fetching }: { now: Date; fetching: Tools['fetching'] },
) {
  const nothing = { keys: [], certificates: [] };
  if ([jwks, jwksUri, pem].filter((one) => one !== undefined).length > 1) {
    const detail = 'A client has keys by value, keys by URL or certificates, not both.';
    throw new Refusal(InvalidClient, detail);
  }
  if (jwks !== undefined) {
    return { ...nothing, authMethod: 'private_key_jwt', keys: await givenKeys(jwks) } as const;
  }
  if (jwksUri !== undefined) {
    const keys = await fetchKeys(jwksUri, fetching);
    return { ...nothing, authMethod: 'private_key_jwt', keys } as const;
  }
  if (pem === undefined) return { ...nothing, authMethod: 'client_secret_basic' } as const;
  if (isDpopRequired) {
    throw new Refusal(InvalidClient, 'Tokens of a client with certificates are bound to these.');
  }
  const certificates = givenCertificates(pem, now);
  return { ...nothing, authMethod: 'self_signed_tls_client_auth', certificates } as const;
}
