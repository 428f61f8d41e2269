import type { PartnerId, PartnerStatus } from '../partners/index.ts';
import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { Client } from './client.ts';
import type { PublicJwk } from '../signatures/index.ts';

const columns = {
  clientId: 'clients.client_id',
  partnerId: 'clients.partner_id',
  name: 'clients.name',
  status: 'clients.status',
  authMethod: 'clients.auth_method',
  isDpopRequired: 'clients.dpop_required',
  networks: 'clients.networks',
  isSandbox: 'clients.is_sandbox',
  jwksUri: 'clients.jwks_uri',
};

/** What is needed to tell whether a client is who it says. */
export interface ClientStanding {
  readonly partnerId: PartnerId;
  readonly status: Client['status'];
  readonly partnerStatus: PartnerStatus;
  readonly authMethod: Client['authMethod'];
  readonly isDpopRequired: boolean;
  readonly jwksUri: string | null;
  readonly keysFetchedAt: Date | null;
  readonly networks: Client['networks'];
  /** Thumbprints of its certificates. */
  readonly liveCertificates: readonly string[];
  /** Of its secrets, the newest first. */
  readonly liveHashes: readonly Buffer[];
  /** Its keys, the newest first. */
  readonly liveKeys: readonly PublicJwk[];
}

export async function insertClient(tx: Transaction, client: Client, at: Date): Promise<void> {
  await tx('clients').insert({
    client_id: client.clientId,
    partner_id: client.partnerId,
    name: client.name,
    status: client.status,
    auth_method: client.authMethod,
    dpop_required: client.isDpopRequired,
    networks: client.networks,
    is_sandbox: client.isSandbox,
    jwks_uri: client.jwksUri,
    ...(client.jwksUri !== null && { keys_fetched_at: at, keys_tried_at: at }),
    created_at: at,
  });
}

export async function insertSecret(
  tx: Transaction,
  { clientId, hash, at }: { clientId: string; hash: Buffer; at: Date },
): Promise<void> {
  await tx('client_secrets').insert({ client_id: clientId, secret_hash: hash, created_at: at });
}

/** The client's row, locked, so that two rotations of its secret follow one another. */
export async function lockClient(tx: Transaction, clientId: string): Promise<Client | undefined> {
  return tx('clients')
    .select<Client[]>(columns)
    .where('clients.client_id', clientId)
    .forUpdate()
    .first();
}

/** The secret without an end gets one; those that had one end now, so that two live at most. */
export async function endSecrets(
  tx: Transaction,
  { clientId, now, until }: { clientId: string; now: Date; until: Date },
): Promise<void> {
  const secrets = () => tx('client_secrets').where('client_secrets.client_id', clientId);
  await secrets().where('client_secrets.expires_at', '>', now).update({ expires_at: now });
  await secrets().whereNull('client_secrets.expires_at').update({ expires_at: until });
}

export async function updateClientStatus(
  tx: Transaction,
  clientId: string,
  status: Client['status'],
): Promise<void> {
  await tx('clients').where('clients.client_id', clientId).update({ status });
}

export async function updateClientNetworks(
  tx: Transaction,
  clientId: string,
  networks: Client['networks'],
): Promise<void> {
  await tx('clients').where('clients.client_id', clientId).update({ networks });
}

export interface ListedClient extends Client {
  readonly partnerKey: string;
  readonly createdAt: Date;
  /** To the hour; null: never. */
  readonly usedAt: Date | null;
  /** When a credential ends that was used since there is a newer one; null: none does. */
  readonly endsInUseAt: Date | null;
}

/** What is known of the use of each client's secrets and keys, at $1. */
const uses = `
  with used as (
    select credentials.*, max(created_at) over (partition by client_id) as "newestAt"
    from (select client_id, created_at, expires_at, used_at from client_secrets
          union all
          select client_id, created_at, expires_at, used_at from client_keys
          union all
          select client_id, created_at, least(expires_at, not_after), used_at
            from client_certificates) as credentials
  )
  select client_id as "clientId", max(used_at) as "usedAt",
         min(expires_at) filter (where expires_at > ? and used_at > "newestAt") as "endsInUseAt"
    from used group by client_id`;

export async function findClients(db: Database, now: Date): Promise<ListedClient[]> {
  return db('clients')
    .joinRaw(`left join (${uses}) as uses on uses."clientId" = clients.client_id`, [now])
    .join('partners', 'partners.id', 'clients.partner_id')
    .select<ListedClient[]>({
      ...columns,
      partnerKey: 'partners.key',
      createdAt: 'clients.created_at',
      usedAt: 'uses.usedAt',
      endsInUseAt: 'uses.endsInUseAt',
    })
    .orderBy(['partners.key', 'clients.created_at', 'clients.client_id']);
}

const standing = {
  name: 'client-standing',
  text: `
    select clients.partner_id as "partnerId", clients.status as "status",
           partners.status as "partnerStatus", clients.auth_method as "authMethod",
           clients.dpop_required as "isDpopRequired", clients.networks as "networks",
           clients.jwks_uri as "jwksUri", clients.keys_fetched_at as "keysFetchedAt",
           array(select client_certificates.thumbprint
                   from client_certificates
                  where client_certificates.client_id = clients.client_id
                    and client_certificates.not_before <= $2
                    and client_certificates.not_after > $2
                    and (client_certificates.expires_at is null
                      or client_certificates.expires_at > $2)) as "liveCertificates",
           array(select client_keys.jwk
                   from client_keys
                  where client_keys.client_id = clients.client_id
                    and (client_keys.expires_at is null or client_keys.expires_at > $2)
                  order by client_keys.created_at desc, client_keys.thumbprint) as "liveKeys",
           array(select client_secrets.secret_hash
                   from client_secrets
                  where client_secrets.client_id = clients.client_id
                    and (client_secrets.expires_at is null or client_secrets.expires_at > $2)
                  order by client_secrets.created_at desc, client_secrets.secret_hash
                  limit 2) as "liveHashes"
      from clients
      join partners on partners.id = clients.partner_id
     where clients.client_id = $1`,
};

/** A client with its secrets, keys and certificates that are live at `now`. */
export async function findClientStanding(
  db: Database,
  clientId: string,
  now: Date,
): Promise<ClientStanding | undefined> {
  return (await queryNamed<ClientStanding>(db, standing, [clientId, now]))[0];
}

/** By the hour is enough to know what is still in use. */
const marking = (table: string, key: string, endsAt = 'expires_at') => ({
  name: `${table}-use`,
  text: `
    update ${table} set used_at = $3::timestamptz
     where client_id = $1 and ${key} = $2
       and (used_at is null or used_at > $3::timestamptz
         or used_at < $3::timestamptz - interval '1 hour')
    returning ${endsAt} as "endsAt"`,
});
const markings = {
  secret: marking('client_secrets', 'secret_hash'),
  key: marking('client_keys', 'thumbprint'),
  certificate: marking('client_certificates', 'thumbprint', 'least(expires_at, not_after)'),
};

/** A credential of a client: what it is, and its hash or thumbprint. */
export interface UsedCredential {
  readonly clientId: string;
  readonly kind: keyof typeof markings;
  readonly mark: Buffer | string;
}

/**
 * Marks a credential as used, once an hour; answers then when it ends, null: not by itself. Undefined
 * where that was marked within the hour.
 */
export async function markUse(
  db: Database,
  { clientId, kind, mark }: UsedCredential,
  now: Date,
): Promise<Date | null | undefined> {
  const rows = await queryNamed<{ endsAt: Date | null }>(db, markings[kind], [clientId, mark, now]);
  return rows[0]?.endsAt;
}
