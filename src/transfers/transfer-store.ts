import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Transfer, TransferKind, TransferSums } from './transfer.ts';

interface TransferRow {
  readonly partner_id: PartnerId;
  readonly kind: TransferKind;
  readonly reference: string;
  readonly currency: string;
  readonly amount_minor: string;
  readonly on_day: string;
  readonly booked_at: Date;
}

const columns = ['partner_id', 'kind', 'reference', 'currency', 'amount_minor', 'on_day'].map(
  (column) => `transfers.${column}`,
);

/** Books a transfer; false where its reference has booked one before. */
export async function insertTransfer(tx: Transaction, transfer: Transfer): Promise<boolean> {
  const rows = await tx('transfers')
    .insert({
      partner_id: transfer.partnerId,
      kind: transfer.kind,
      reference: transfer.reference,
      currency: transfer.currency,
      amount_minor: String(transfer.amountMinor),
      on_day: transfer.onDay,
      booked_at: transfer.bookedAt,
    })
    .onConflict()
    .ignore()
    .returning<{ reference: string }[]>('reference');
  return rows.length === 1;
}

/** One transfer; undefined where the reference has booked none. */
export async function findTransfer(
  db: Database | Transaction,
  { partnerId, kind, reference }: Pick<Transfer, 'partnerId' | 'kind' | 'reference'>,
): Promise<Transfer | undefined> {
  const row = await db('transfers')
    .select<TransferRow[]>(...columns, 'transfers.booked_at')
    .where({
      'transfers.partner_id': partnerId,
      'transfers.kind': kind,
      'transfers.reference': reference,
    })
    .first();
  return row && transferOf(row);
}

/** A transfer, and the period of the statement that states it, where one does. */
export type StatedTransfer = Transfer & {
  readonly stated: { readonly period: string } | null;
};

/** The transfers of a kind, of all partners or one, the latest first. */
export async function findTransfers(
  db: Database | Transaction,
  { kind, partnerId }: { kind: TransferKind; partnerId?: PartnerId | undefined },
): Promise<StatedTransfer[]> {
  const { rows } = await db.raw<{ rows: (TransferRow & { period: string | null })[] }>(
    `select transfers.*, closed_statements.period
     from transfers
       left join stated_transfers using (partner_id, kind, reference)
       left join closed_statements on closed_statements.partner_id = transfers.partner_id
         and closed_statements.currency = transfers.currency
         and closed_statements.number = stated_transfers.number
     where transfers.kind = :kind
       and (cast(:partnerId as uuid) is null or transfers.partner_id = :partnerId)
     order by transfers.on_day desc, transfers.partner_id, transfers.reference`,
    { kind, partnerId: partnerId ?? null },
  );
  return rows.map((row) => ({
    ...transferOf(row),
    stated: row.period === null ? null : { period: row.period },
  }));
}

function transferOf(row: TransferRow): Transfer {
  return {
    partnerId: row.partner_id,
    kind: row.kind,
    reference: row.reference,
    currency: row.currency,
    amountMinor: BigInt(row.amount_minor),
    onDay: row.on_day,
    bookedAt: row.booked_at,
  };
}

/** Whose, in which currency, and for which statement: until before which day collections count. */
export interface Stating {
  readonly partnerId: PartnerId;
  readonly currency: string;
  readonly untilDay: string;
}

const due = `
  from transfers
  where transfers.partner_id = :partnerId and transfers.currency = :currency
    and (transfers.kind = 'remitted' or transfers.on_day < cast(:untilDay as date))
    and not exists (
      select 1 from stated_transfers
      where stated_transfers.partner_id = transfers.partner_id
        and stated_transfers.kind = transfers.kind
        and stated_transfers.reference = transfers.reference)`;

const sums = `
  coalesce(sum(amount_minor) filter (where kind = 'collected'), 0) as collected,
  coalesce(sum(amount_minor) filter (where kind = 'remitted'), 0) as remitted,
  cast(count(*) as integer) as transfers`;

interface SumsRow {
  readonly collected: string;
  readonly remitted: string;
  readonly transfers: number;
}

function sumsOf(row: SumsRow | undefined): TransferSums {
  return {
    collectedMinor: BigInt(row?.collected ?? 0),
    remittedMinor: BigInt(row?.remitted ?? 0),
    transferCount: row?.transfers ?? 0,
  };
}

/** States every transfer that is due on this statement, and adds up what it stated. */
export async function stateTransfers(
  tx: Transaction,
  stating: Stating & { readonly number: number },
): Promise<TransferSums> {
  const { rows } = await tx.raw<{ rows: SumsRow[] }>(
    `with added as (
       insert into stated_transfers (partner_id, kind, reference, currency, number, amount_minor)
       select transfers.partner_id, transfers.kind, transfers.reference, transfers.currency,
         cast(:number as integer), transfers.amount_minor
       ${due}
       order by transfers.kind, transfers.reference
       returning kind, amount_minor
     )
     select ${sums} from added`,
    { ...stating },
  );
  return sumsOf(rows[0]);
}

/** Whether any statement of a partner and currency states a transfer. */
export async function hasStatedTransfers(
  db: Database | Transaction,
  { partnerId, currency }: Pick<Stating, 'partnerId' | 'currency'>,
): Promise<boolean> {
  const row = await db('stated_transfers')
    .select('stated_transfers.number')
    .where({ 'stated_transfers.partner_id': partnerId, 'stated_transfers.currency': currency })
    .first<{ number: number } | undefined>();
  return row !== undefined;
}

/** What a statement would state of transfers; nothing of it stored. */
export async function sumTransfersDue(
  db: Database | Transaction,
  stating: Stating,
): Promise<TransferSums> {
  const { rows } = await db.raw<{ rows: SumsRow[] }>(`select ${sums} ${due}`, { ...stating });
  return sumsOf(rows[0]);
}

/** What no statement states yet, of one half of a month. */
export interface DueTransfers {
  readonly currency: string;
  /** YYYY-MM-01 or YYYY-MM-16; of remittances, which any statement states, the first day of all. */
  readonly fromDay: string;
  readonly collectedMinor: bigint;
  readonly remittedMinor: bigint;
}

/** What no statement states yet of a partner's transfers, by currency and half of a month. */
export async function findTransfersDue(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<DueTransfers[]> {
  const { rows } = await db.raw<{ rows: (SumsRow & { currency: string; from_day: string })[] }>(
    `select transfers.currency,
       case when transfers.kind = 'remitted' then '0001-01-01'
         else to_char(transfers.on_day, 'YYYY-MM-')
           || case when extract(day from transfers.on_day) < 16 then '01' else '16' end
         end as from_day,
       ${sums}
     from transfers
     where transfers.partner_id = ? and not exists (
       select 1 from stated_transfers
       where stated_transfers.partner_id = transfers.partner_id
         and stated_transfers.kind = transfers.kind
         and stated_transfers.reference = transfers.reference)
     group by 1, 2 order by 1, 2`,
    [partnerId],
  );
  return rows.map((row) => {
    const { collectedMinor, remittedMinor } = sumsOf(row);
    return { currency: row.currency, fromDay: row.from_day, collectedMinor, remittedMinor };
  });
}
