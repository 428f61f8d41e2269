import type { Tools } from '../platform/tools.ts';
import { standingOf } from './token-rules.ts';
import { findTokenByHash } from './token-store.ts';
import { hashOf } from '../clients/index.ts';
import type { TokenFacts } from './token.ts';

/**
 * What a client's own token is good for, read afresh. Undefined where it is not live or another's:
 * one client learns nothing of another's tokens (RFC 7662, section 4).
 */
export async function introspectToken(
  { db, clock }: Tools,
  { clientId, secret }: { clientId: string; secret: string },
): Promise<TokenFacts | undefined> {
  const facts = await findTokenByHash(db, hashOf(secret));
  const isTheirs = facts?.caller.clientId === clientId;
  return isTheirs && standingOf(facts, clock.now()) === 'live' ? facts : undefined;
}
