import { queryNamed, type Database, type Transaction } from '../platform/database.ts';

/** Keeps a key of a client. One that it has already, ended or not, is good again without an end. */
export async function insertKey(
  tx: Transaction,
  {
    clientId,
    thumbprint,
    jwk,
    at,
  }: { clientId: string; thumbprint: string; jwk: object; at: Date },
): Promise<void> {
  await tx('client_keys')
    .insert({
      client_id: clientId,
      thumbprint,
      jwk: JSON.stringify(jwk),
      created_at: at,
      expires_at: null,
    })
    .onConflict(['client_id', 'thumbprint'])
    .merge(['expires_at']);
}

/** The keys without an end get one; those that had one end now. */
export async function endKeys(
  tx: Transaction,
  { clientId, now, until }: { clientId: string; now: Date; until: Date },
): Promise<void> {
  const keys = () => tx('client_keys').where('client_keys.client_id', clientId);
  await keys().where('client_keys.expires_at', '>', now).update({ expires_at: now });
  await keys().whereNull('client_keys.expires_at').update({ expires_at: until });
}

/**
 * Takes the new one only if it is not there, and what has expired away, a little each time and one
 * process at a time.
 */
const use = {
  name: 'client-assertion-use',
  text: `
    with turn as materialized (select pg_try_advisory_xact_lock(7523) as "isMine"),
    gone as (
      delete from client_assertions
       where (select turn."isMine" from turn)
         and client_assertions.ctid in (
               select old.ctid from client_assertions as old where old.expires_at < $4 limit 20)
    )
    insert into client_assertions (client_id, jti_hash, expires_at) values ($1, $2, $3)
    on conflict do nothing
    returning true as "isNew"`,
};

/**
 * Marks an assertion of a client as used: false where it was before, in any process. What this says
 * is committed.
 */
export async function useAssertion(
  db: Database,
  assertion: { clientId: string; jtiHash: Buffer; expiresAt: Date; now: Date },
): Promise<boolean> {
  const { clientId, jtiHash, expiresAt, now } = assertion;
  return (await queryNamed(db, use, [clientId, jtiHash, expiresAt, now])).length === 1;
}
