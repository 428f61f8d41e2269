import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import {
  keyOf,
  readAssertion,
  useJti,
  verifyAssertion,
  type HeldAssertion,
} from '../signatures/index.ts';
import { isOneOf, readBasic } from './client-rules.ts';
import { findClientStanding, type ClientStanding } from './client-store.ts';
import { hashOf, type AuthMethod } from './client.ts';

/** What a request brings to prove its client; one of them, or it is refused before this. */
export interface Credentials {
  /** The Authorization header. */
  readonly authorization?: string | undefined;
  /** A JWT (RFC 7523, section 2.2). */
  readonly assertion?: string | undefined;
}

/** A client that proved who it is. */
export interface AuthenticatedClient {
  readonly clientId: string;
  readonly partnerId: PartnerId;
  readonly isDpopRequired: boolean;
}

/**
 * Finds the client behind a Basic header or an assertion, by the one method that it is registered
 * for. An unknown client and a wrong secret or signature cost the same work and the same one
 * statement; undefined says no more than "no", whatever the reason was. An assertion is good once.
 */
export async function authenticateClient(
  tools: Tools,
  { authorization, assertion }: Credentials,
): Promise<AuthenticatedClient | undefined> {
  return assertion === undefined
    ? authenticateBySecret(tools, authorization)
    : authenticateByKey(tools, assertion);
}

async function authenticateBySecret(
  tools: Tools,
  authorization: string | undefined,
): Promise<AuthenticatedClient | undefined> {
  const credentials = readBasic(authorization);
  if (!credentials) return undefined;
  const { clientId, secret } = credentials;
  const standing = await findClientStanding(tools.db, clientId, tools.clock.now());
  const isRight = isOneOf(hashOf(secret), standing?.liveHashes ?? []);
  const because = isRight ? undefined : 'wrong-secret';
  return decided(tools, { clientId, standing, because, method: 'client_secret_basic' });
}

async function authenticateByKey(
  tools: Tools,
  assertion: string,
): Promise<AuthenticatedClient | undefined> {
  const { db, clock, settings } = tools;
  const claimed = readAssertion(assertion);
  if (!claimed) return undefined;
  const { clientId } = claimed;
  const now = clock.now();
  const standing = await findClientStanding(db, clientId, now);
  const keys = (standing?.liveKeys ?? []).map(keyOf);
  const asked = { keys, issuer: settings.origin, now };
  const held = await verifyAssertion(assertion, claimed, asked);
  const because = typeof held === 'string' ? held : undefined;
  const client = decided(tools, { clientId, standing, because, method: 'private_key_jwt' });
  if (!client || typeof held === 'string') return undefined;
  if (await isFirstUse(tools, { clientId, held, now })) return client;
  const again = { clientId, standing, because: 'assertion-used-before' };
  return decided(tools, { ...again, method: 'private_key_jwt' });
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
  },
): AuthenticatedClient | undefined {
  const { clientId, standing, method } = asked;
  // An unknown id is not logged: it may be a secret in the wrong place.
  if (!standing) return undefined;
  const because = asked.because ?? hindranceOf(standing, method);
  const { partnerId, isDpopRequired } = standing;
  if (because === undefined) return { clientId, partnerId, isDpopRequired };
  log.warn({ clientId, because }, 'client refused');
  return undefined;
}

function hindranceOf(
  { status, partnerStatus, authMethod }: ClientStanding,
  method: AuthMethod,
): string | undefined {
  if (status !== 'active') return 'client-revoked';
  if (authMethod !== method) return `not-by-${method}`;
  // Who is invited learns what it lacks when it asks for a token.
  return partnerStatus === 'active' || partnerStatus === 'invited'
    ? undefined
    : `partner-${partnerStatus}`;
}
