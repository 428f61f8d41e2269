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
  name: 'jti-use',
  text: `
    with turn as materialized (select pg_try_advisory_xact_lock(7519) as "isMine"),
    gone as (
      delete from used_jtis
       where (select turn."isMine" from turn)
         and used_jtis.ctid in (
               select old.ctid from used_jtis as old where old.expires_at < $4 limit 20)
    )
    insert into used_jtis (signer, jti_hash, expires_at) values ($1, $2, $3)
    on conflict do nothing
    returning true as "isNew"`,
};

/**
 * Marks what was signed for one use as used: false where it was before, in any process. `signer` is
 * a client's id or a key's thumbprint. What this says is committed.
 */
export async function useJti(
  db: Database,
  signed: { signer: string; jtiHash: Buffer; expiresAt: Date; now: Date },
): Promise<boolean> {
  const { signer, jtiHash, expiresAt, now } = signed;
  return (await queryNamed(db, use, [signer, jtiHash, expiresAt, now])).length === 1;
}
