import type { PartnerStatus } from '../partners/index.ts';
import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { Caller, Purpose, TokenFacts } from './token.ts';

/** A token about to be stored: never its secret, only its hash. */
export interface NewToken extends Pick<
  Caller,
  'tokenId' | 'clientId' | 'partnerId' | 'scopes' | 'purposes'
> {
  readonly hash: Buffer;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly jkt: string | null;
  readonly x5t: string | null;
}

export async function insertToken(tx: Transaction, token: NewToken): Promise<void> {
  await tx('tokens').insert({
    id: token.tokenId,
    secret_hash: token.hash,
    client_id: token.clientId,
    partner_id: token.partnerId,
    scopes: token.scopes,
    purposes: token.purposes,
    issued_at: token.issuedAt,
    expires_at: token.expiresAt,
    jkt: token.jkt,
    x5t: token.x5t,
  });
}

interface TokenRow extends Caller {
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly isRevoked: boolean;
  readonly partnerStatus: PartnerStatus;
  readonly jkt: string | null;
  readonly x5t: string | null;
  readonly certificateUntil: Date | null;
  readonly networks: readonly string[] | null;
}

const factsByHash = {
  name: 'token-by-hash',
  text: `
    select tokens.id as "tokenId", tokens.client_id as "clientId",
           partners.id as "partnerId", partners.key as "partnerKey",
           partners.name as "partnerName", partners.kind as "kind",
           partners.status as "partnerStatus",
           clients.is_sandbox as "isSandbox", tokens.scopes as "scopes", tokens.purposes as "purposes",
           tokens.jkt as "jkt", tokens.x5t as "x5t", clients.networks as "networks",
           least(client_certificates.not_after, client_certificates.expires_at)
             as "certificateUntil",
           tokens.issued_at as "issuedAt", tokens.expires_at as "expiresAt",
           tokens.revoked_at is not null or clients.status <> 'active' as "isRevoked"
      from tokens
      join clients on clients.client_id = tokens.client_id
      join partners on partners.id = tokens.partner_id
      left join client_certificates on client_certificates.client_id = tokens.client_id
       and client_certificates.thumbprint = tokens.x5t
     where tokens.secret_hash = $1`,
};

export async function findTokenByHash(db: Database, hash: Buffer): Promise<TokenFacts | undefined> {
  const [row] = await queryNamed<TokenRow>(db, factsByHash, [hash]);
  if (!row) return undefined;
  const { issuedAt, expiresAt, isRevoked, partnerStatus, ...binding } = row;
  const { jkt, x5t, certificateUntil, networks, ...caller } = binding;
  const bound = { jkt, x5t, certificateUntil, networks };
  return { caller, issuedAt, expiresAt, isRevoked, partnerStatus, ...bound };
}

/** What a token was for, by its id; undefined where it is kept no longer. */
export async function findTokenPurposes(
  db: Database,
  tokenId: string,
): Promise<readonly Purpose[] | undefined> {
  const row = await db('tokens')
    .select<{ purposes: readonly Purpose[] }[]>('tokens.purposes')
    .where('tokens.id', tokenId)
    .first();
  return row?.purposes;
}

/** Marks a client's own token as revoked; nothing happens to another's, or to one already revoked. */
export async function updateRevokedAt(
  tx: Transaction,
  { hash, clientId, at }: { hash: Buffer; clientId: string; at: Date },
): Promise<void> {
  await tx('tokens')
    .where({ secret_hash: hash, client_id: clientId })
    .whereNull('revoked_at')
    .update({ revoked_at: at });
}
