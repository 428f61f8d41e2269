import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { findClientStanding, type ClientStanding } from './client-store.ts';
import { isOneOf, readBasic } from './client-rules.ts';
import { hashOf } from './client.ts';

/**
 * Finds the client behind a Basic header. An unknown client and a wrong secret cost the same work
 * and the same one statement; undefined says no more than "no", whatever the reason was.
 */
export async function authenticateClient(
  { db, clock, log }: Tools,
  authorization: string | undefined,
): Promise<{ clientId: string; partnerId: PartnerId } | undefined> {
  const credentials = readBasic(authorization);
  if (!credentials) return undefined;
  const { clientId, secret } = credentials;
  const standing = await findClientStanding(db, clientId, clock.now());
  const isRight = isOneOf(hashOf(secret), standing?.liveHashes ?? []);
  // An unknown id is not logged: it may be a secret in the wrong place.
  if (!standing) return undefined;
  const because = isRight ? hindranceOf(standing) : 'wrong-secret';
  if (because === undefined) return { clientId, partnerId: standing.partnerId };
  log.warn({ clientId, because }, 'client refused');
  return undefined;
}

function hindranceOf({ status, partnerStatus }: ClientStanding): string | undefined {
  if (status !== 'active') return 'client-revoked';
  return partnerStatus === 'active' ? undefined : `partner-${partnerStatus}`;
}
