import { createHash } from 'node:crypto';
import { queryNamed, type Database } from '../platform/database.ts';

/**
 * Takes the new one only if it is not there, and what has expired away, a little each time and one
 * process at a time. Not at once: the clock of another process may be behind.
 */
const use = {
  name: 'jti-use',
  text: `
    with turn as materialized (select pg_try_advisory_xact_lock(7519) as "isMine"),
    gone as (
      delete from used_jtis
       where (select turn."isMine" from turn)
         and used_jtis.ctid in (
               select old.ctid from used_jtis as old where old.expires_at < $4::timestamptz - interval '10 minutes' limit 20)
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
  signed: { signer: string; jti: string; expiresAt: Date; now: Date },
): Promise<boolean> {
  const { signer, jti, expiresAt, now } = signed;
  const jtiHash = createHash('sha256').update(jti).digest();
  return (await queryNamed(db, use, [signer, jtiHash, expiresAt, now])).length === 1;
}
