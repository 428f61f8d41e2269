import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { calculateJwkThumbprint } from 'jose';
import {
  keyOf,
  readAssertion,
  useJti,
  verifyAssertion,
  type ClaimedAssertion,
  type ClientKey,
  type HeldAssertion,
} from '../signatures/index.ts';
import { areStillGood, isOneOf, isServedFrom, isToBeFetched, readBasic } from './client-rules.ts';
import {
  findClientStanding,
  markUse,
  type ClientStanding,
  type UsedCredential,
} from './client-store.ts';
import { hashOf, type AuthMethod } from './client.ts';
import { refreshClientKeys } from './refresh-client-keys.ts';

/** What a request brings to prove its client; one of them, or it is refused before this. */
export interface Credentials {
  /** The Authorization header. */
  readonly authorization?: string | undefined;
  /** A JWT (RFC 7523, section 2.2). */
  readonly assertion?: string | undefined;
  /** Its id alone: the certificate of the peer proves the rest (RFC 8705, section 2). */
  readonly clientId?: string | undefined;
  /** Who asks. */
  readonly peer: Asking;
}

/** What is known of who asks, by the connection. */
interface Asking {
  readonly address: string;
  /** Thumbprint of its certificate. */
  readonly certificate: string | undefined;
}

/** A client that proved who it is. */
export interface AuthenticatedClient {
  readonly clientId: string;
  readonly partnerId: PartnerId;
  readonly isDpopRequired: boolean;
  /** Thumbprint of the certificate by which it proved itself; its tokens are bound to it. */
  readonly x5t: string | null;
}

/**
 * Finds the client behind a Basic header, an assertion or a certificate, by the one method that it is
 * registered for, and from the networks that it is served from. An unknown client and a wrong secret or
 * signature cost the same work and the same one statement, but where a client hosts its keys itself;
 * undefined says no more than "no", whatever the reason was. An assertion is good once.
 */
export async function authenticateClient(
  tools: Tools,
  { authorization, assertion, clientId, peer }: Credentials,
): Promise<AuthenticatedClient | undefined> {
  if (assertion !== undefined) return authenticateByKey(tools, assertion, peer);
  return authorization === undefined && clientId !== undefined && peer.certificate !== undefined
    ? authenticateByCertificate(tools, clientId, peer)
    : authenticateBySecret(tools, authorization, peer);
}

async function authenticateBySecret(
  tools: Tools,
  authorization: string | undefined,
  peer: Asking,
): Promise<AuthenticatedClient | undefined> {
  const credentials = readBasic(authorization);
  if (!credentials) return undefined;
  const { clientId, secret } = credentials;
  const standing = await findClientStanding(tools.db, clientId, tools.clock.now());
  const isRight = isOneOf(hashOf(secret), standing?.liveHashes ?? []);
  const because = isRight ? undefined : 'wrong-secret';
  const client = decided(tools, {
    clientId,
    standing,
    because,
    method: 'client_secret_basic',
    peer,
  });
  if (client) await noteUse(tools, { clientId, kind: 'secret', mark: hashOf(secret) });
  return client;
}

async function authenticateByCertificate(
  tools: Tools,
  clientId: string,
  peer: Asking,
): Promise<AuthenticatedClient | undefined> {
  if (!/^[\x21-\x7e]{1,200}$/.test(clientId)) return undefined;
  const standing = await findClientStanding(tools.db, clientId, tools.clock.now());
  const isTheirs = standing?.liveCertificates.includes(peer.certificate ?? '') === true;
  const because = isTheirs ? undefined : 'certificate-not-theirs';
  const method = 'self_signed_tls_client_auth';
  const client = decided(tools, { clientId, standing, because, method, peer });
  const mark = peer.certificate ?? '';
  if (client) await noteUse(tools, { clientId, kind: 'certificate', mark });
  return client && { ...client, x5t: mark };
}

async function authenticateByKey(
  tools: Tools,
  assertion: string,
  peer: Asking,
): Promise<AuthenticatedClient | undefined> {
  const { clock, settings } = tools;
  const claimed = readAssertion(assertion);
  if (!claimed) return undefined;
  const { clientId } = claimed;
  const now = clock.now();
  const { standing, keys } = await findKeys(tools, claimed, now);
  const asked = { keys, issuer: settings.origin, now };
  const held = await verifyAssertion(assertion, claimed, asked);
  const because = typeof held === 'string' ? held : undefined;
  const method = 'private_key_jwt';
  const client = decided(tools, { clientId, standing, because, method, peer });
  if (!client || typeof held === 'string') return undefined;
  if (await isFirstUse(tools, { clientId, held, now })) {
    const mark = await calculateJwkThumbprint(held.jwk);
    await noteUse(tools, { clientId, kind: 'key', mark });
    return client;
  }
  return decided(tools, { clientId, standing, because: 'assertion-used-before', method, peer });
}

/** The keys that count for what a client claims; where it hosts them itself they may be fetched first. */
async function findKeys(
  tools: Tools,
  { clientId, header }: ClaimedAssertion,
  now: Date,
): Promise<{ standing: ClientStanding | undefined; keys: ClientKey[] }> {
  const { db } = tools;
  const found = await findClientStanding(db, clientId, now);
  const { jwksUri: url = null } = found ?? {};
  const isKnown = found?.liveKeys.some(({ kid }) => kid === header['kid']) ?? true;
  const isFetched =
    found?.status === 'active' && url !== null && isToBeFetched(found, now, isKnown)
      ? await refreshClientKeys(tools, { clientId, url }, tools.fetching)
      : false;
  const standing = isFetched ? await findClientStanding(db, clientId, now) : found;
  const areGood = standing && areStillGood(standing, now);
  return { standing, keys: areGood ? standing.liveKeys.map(keyOf) : [] };
}

/** Thirty days. */
const soonMs = 30 * 86_400_000;

/** Remembers that a credential is in use; one that ends although it is, is told to the operator. */
async function noteUse({ db, clock, log }: Tools, used: UsedCredential): Promise<void> {
  const now = clock.now();
  const endsAt = await markUse(db, used, now);
  if (endsAt && endsAt.getTime() - now.getTime() < soonMs)
    log.warn({ clientId: used.clientId, endsAt }, 'a credential in use ends');
}

const isFirstUse = (
  { db }: Tools,
  { clientId, held, now }: { clientId: string; held: HeldAssertion; now: Date },
) => useJti(db, { signer: clientId, jti: held.jti, expiresAt: held.expiresAt, now });

/** The client, unless something is against it: that is logged, and told to nobody. */
function decided(
  { log }: Tools,
  asked: {
    readonly clientId: string;
    readonly standing: ClientStanding | undefined;
    readonly because: string | undefined;
    readonly method: AuthMethod;
    readonly peer: Asking;
  },
): AuthenticatedClient | undefined {
  const { clientId, standing, method } = asked;
  // An unknown id is not logged: it may be a secret in the wrong place.
  if (!standing) return undefined;
  const because = asked.because ?? hindranceOf(standing, method, asked.peer);
  const { partnerId, isDpopRequired } = standing;
  if (because === undefined) return { clientId, partnerId, isDpopRequired, x5t: null };
  log.warn({ clientId, because }, 'client refused');
  return undefined;
}

function hindranceOf(
  { status, partnerStatus, authMethod, networks }: ClientStanding,
  method: AuthMethod,
  { address }: Asking,
): string | undefined {
  if (status !== 'active') return 'client-revoked';
  if (!isServedFrom(networks, address)) return 'outside-its-networks';
  if (authMethod !== method) return `not-by-${method}`;
  // Who is invited learns what it lacks when it asks for a token.
  return partnerStatus === 'active' || partnerStatus === 'invited'
    ? undefined
    : `partner-${partnerStatus}`;
}
