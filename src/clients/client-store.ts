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
  isSandbox: 'clients.is_sandbox',
};

/** What is needed to tell whether a client is who it says. */
export interface ClientStanding {
  readonly partnerId: PartnerId;
  readonly status: Client['status'];
  readonly partnerStatus: PartnerStatus;
  readonly authMethod: Client['authMethod'];
  readonly isDpopRequired: boolean;
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
    is_sandbox: client.isSandbox,
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

export interface ListedClient extends Client {
  readonly partnerKey: string;
  readonly createdAt: Date;
}

export async function findClients(db: Database): Promise<ListedClient[]> {
  return db('clients')
    .join('partners', 'partners.id', 'clients.partner_id')
    .select<ListedClient[]>({
      ...columns,
      partnerKey: 'partners.key',
      createdAt: 'clients.created_at',
    })
    .orderBy(['partners.key', 'clients.created_at', 'clients.client_id']);
}

const standing = {
  name: 'client-standing',
  text: `
    select clients.partner_id as "partnerId", clients.status as "status",
           partners.status as "partnerStatus", clients.auth_method as "authMethod",
           clients.dpop_required as "isDpopRequired",
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

/** A client with its secrets and keys that are live at `now`. */
export async function findClientStanding(
  db: Database,
  clientId: string,
  now: Date,
): Promise<ClientStanding | undefined> {
  return (await queryNamed<ClientStanding>(db, standing, [clientId, now]))[0];
}
