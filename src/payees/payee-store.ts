import type { PartnerId } from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Payee, PayeeAccount } from './payee.ts';

interface PayeeRow {
  readonly partner_id: PartnerId;
  readonly currency: string;
  readonly version: number;
  readonly name: string;
  readonly account: string;
  readonly bic: string | null;
  readonly proposed_by: StaffId;
  readonly proposer: string;
  readonly approved_by: StaffId;
  readonly approver: string;
  readonly approved_at: Date;
}

/** The account that counts of each partner and currency; of one partner where it is named. */
export async function findPayees(
  db: Database | Transaction,
  { partnerId, currency }: { partnerId?: PartnerId; currency?: string } = {},
): Promise<Payee[]> {
  const { rows } = await db.raw<{ rows: PayeeRow[] }>(
    `select distinct on (payees.partner_id, payees.currency) payees.*,
       proposer.name as proposer, approver.name as approver
     from payees
       join staff as proposer on proposer.id = payees.proposed_by
       join staff as approver on approver.id = payees.approved_by
     where (cast(:partnerId as uuid) is null or payees.partner_id = :partnerId)
       and (cast(:currency as text) is null or payees.currency = :currency)
     order by payees.partner_id, payees.currency, payees.version desc`,
    { partnerId: partnerId ?? null, currency: currency ?? null },
  );
  return rows.map(payeeOf);
}

/** Holds the accounts of a partner until the transaction ends. */
export async function lockPayees(tx: Transaction, partnerId: PartnerId): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`payees ${partnerId}`]);
}

export async function insertPayee(
  tx: Transaction,
  payee: PayeeAccount & {
    readonly partnerId: PartnerId;
    readonly currency: string;
    readonly version: number;
    readonly proposedBy: StaffId;
    readonly approvedBy: StaffId;
    readonly approvedAt: Date;
  },
): Promise<void> {
  await tx('payees').insert({
    partner_id: payee.partnerId,
    currency: payee.currency,
    version: payee.version,
    name: payee.name,
    account: payee.account,
    bic: payee.bic,
    proposed_by: payee.proposedBy,
    approved_by: payee.approvedBy,
    approved_at: payee.approvedAt,
  });
}

function payeeOf(row: PayeeRow): Payee {
  return {
    partnerId: row.partner_id,
    currency: row.currency,
    version: row.version,
    name: row.name,
    account: row.account,
    bic: row.bic,
    proposedBy: { id: row.proposed_by, name: row.proposer },
    approvedBy: { id: row.approved_by, name: row.approver },
    approvedAt: row.approved_at,
  };
}
