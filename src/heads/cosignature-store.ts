import { queryNamed, type Database, type Statement } from '../platform/database.ts';
import { headLog } from '../logs/index.ts';

/** What a witness said of a checkpoint of the head log. */
export interface Cosignature {
  /** The size of the checkpoint. */
  readonly size: number;
  /** The witness's verifier key. */
  readonly vkey: string;
  /** The signature line, without its newline. */
  readonly line: string;
}

const insertion: Statement = {
  name: 'log-cosignature-insert',
  text: `insert into log_cosignatures (recipient_id, size, witness, line) values ($1, $2, $3, $4)
    on conflict (recipient_id, size, witness) do nothing`,
};

/** Keeps a cosignature; the first one of a witness for a size stays. */
export async function insertCosignature(db: Database, cosigned: Cosignature): Promise<void> {
  const { size, vkey, line } = cosigned;
  await queryNamed(db, insertion, [headLog, size, vkey, line]);
}

/** A cosignature is of a name: those of the present one are beyond the size of the last renewal. */
const beyondRenewal = `log_cosignatures.size > coalesce((select max(log_renewals.size)
    from log_renewals where log_renewals.recipient_id = $1), 0)`;

const latest: Statement = {
  name: 'log-cosignatures-latest',
  text: `select log_cosignatures.size, log_cosignatures.witness as vkey, log_cosignatures.line
    from log_cosignatures
    where log_cosignatures.recipient_id = $1 and log_cosignatures.size in (
      select distinct log_cosignatures.size from log_cosignatures
      where log_cosignatures.recipient_id = $1 and log_cosignatures.size <= $2 and ${beyondRenewal}
      order by log_cosignatures.size desc fetch first 100 rows only)
    order by log_cosignatures.size desc, log_cosignatures.witness`,
};

/** All cosignatures of the last 100 cosigned checkpoints up to this size, the largest first. */
export async function findCosignatures(db: Database, size: number): Promise<Cosignature[]> {
  const rows = await queryNamed<Omit<Cosignature, 'size'> & { size: string }>(db, latest, [
    headLog,
    size,
  ]);
  return rows.map((row) => ({ ...row, size: Number(row.size) }));
}

const lastOf: Statement = {
  name: 'log-cosignature-last',
  text: `select coalesce(max(log_cosignatures.size), 0) as size from log_cosignatures
    where log_cosignatures.recipient_id = $1 and log_cosignatures.witness = $2
      and ${beyondRenewal}`,
};

/** The last size, under the present name, that this witness cosigned as far as we know; 0 for none. */
export async function findLastCosigned(db: Database, vkey: string): Promise<number> {
  const [row] = await queryNamed<{ size: string }>(db, lastOf, [headLog, vkey]);
  return Number(row?.size ?? 0);
}
