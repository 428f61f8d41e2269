import {
  agreementInForce,
  agreementsAsReadAt,
  findAgreementVersions,
} from '../agreements/index.ts';
import { type PartnerId } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { findTermsStanding } from '../terms/index.ts';
import { decideGrant, type Grant } from './token-rules.ts';
import { insertToken } from './token-store.ts';
import { hashOf } from '../clients/index.ts';
import type { IssuedToken } from './token.ts';

/**
 * Issues a token to an authenticated client, for what the agreement in force names or the part of it
 * that was asked for (lists parted by spaces). The secret is returned this once and never again. A
 * denial is a value: the grant that was not made.
 */
export async function issueToken(
  { db, clock, random, settings, log }: Tools,
  request: {
    readonly clientId: string;
    readonly partnerId: PartnerId;
    readonly scope?: string | undefined;
    readonly purpose?: string | undefined;
    /** Thumbprint of the key that it is to be bound to. */
    readonly jkt: string | null;
    /** Thumbprint of the certificate that it is to be bound to. */
    readonly x5t?: string | null;
  },
): Promise<IssuedToken | Extract<Grant, { granted: false }>> {
  const { clientId, partnerId, jkt, x5t = null } = request;
  const issuedAt = clock.now();
  const versions = agreementsAsReadAt(await findAgreementVersions(db, partnerId), issuedAt);
  const agreement = agreementInForce(versions, issuedAt);
  const acceptance = await findTermsStanding(db, partnerId, issuedAt);
  const grant = decideGrant(agreement?.terms, acceptance, request);
  if (!grant.granted) return grant;
  const { scopes, purposes } = grant;
  const expiresInSeconds = settings.tokenLifetimeSeconds;
  const expiresAt = new Date(issuedAt.getTime() + expiresInSeconds * 1000);
  const secret = `slt_${random.bytes(32).toString('base64url')}`;
  const tokenId = `tok_${random.bytes(16).toString('base64url')}`;
  const token = { tokenId, clientId, partnerId, scopes, purposes, issuedAt, expiresAt, jkt, x5t };
  await inTransaction(db, (tx) => insertToken(tx, { ...token, hash: hashOf(secret) }));
  log.info({ tokenId, clientId }, 'token issued');
  return { secret, tokenId, expiresInSeconds, scopes, purposes };
}
