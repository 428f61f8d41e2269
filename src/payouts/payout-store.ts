import type { PartnerId } from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { statusOf } from './payout-rules.ts';
import type { DraftItem, PayoutBatch, PayoutItem } from './payout.ts';

/** Lets one batch be made at a time; answers the number of the next. */
export async function lockNextNumber(tx: Transaction): Promise<number> {
  await tx.raw("select pg_advisory_xact_lock(hashtextextended('payout batches', 0))");
  const row = await tx('payout_batches').max<{ max: number | null }>('number as max').first();
  return (row?.max ?? 0) + 1;
}

/** Holds a batch until the transaction ends; false where there is none. */
export async function lockBatch(tx: Transaction, number: number): Promise<boolean> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `payout batch ${String(number)}`,
  ]);
  return (await tx('payout_batches').where({ number }).first('number')) !== undefined;
}

/** The statements that stand in a batch and were not taken out of it: "partner currency period". */
export async function findBatched(tx: Transaction, currency: string): Promise<Set<string>> {
  const rows = await tx('payout_items')
    .join('closed_statements', (on) => {
      for (const column of ['partner_id', 'currency', 'number'])
        on.on(`closed_statements.${column}`, `payout_items.${column}`);
    })
    .where('payout_items.currency', currency)
    .whereNull('payout_items.released_at')
    .select<{ partner_id: PartnerId; period: string }[]>(
      'payout_items.partner_id',
      'closed_statements.period',
    );
  return new Set(rows.map((row) => `${row.partner_id} ${row.period}`));
}

export async function insertBatch(
  tx: Transaction,
  batch: {
    readonly number: number;
    readonly currency: string;
    readonly executeOn: string;
    readonly by: StaffId;
    readonly at: Date;
    readonly totalMinor: bigint;
    readonly csv: Buffer;
    readonly csvSha256: Buffer;
    readonly pain001: Buffer | null;
    readonly pain001Sha256: Buffer | null;
  },
  items: readonly (DraftItem & { readonly statementNumber: number })[],
): Promise<void> {
  await tx('payout_batches').insert({
    number: batch.number,
    currency: batch.currency,
    execute_on: batch.executeOn,
    made_by: batch.by,
    made_at: batch.at,
    statement_count: items.length,
    total_minor: String(batch.totalMinor),
    csv: batch.csv,
    csv_sha256: batch.csvSha256,
    pain001: batch.pain001,
    pain001_sha256: batch.pain001Sha256,
  });
  const rows = items.map((item) => ({
    batch_number: batch.number,
    position: item.position,
    partner_id: item.partnerId,
    currency: batch.currency,
    number: item.statementNumber,
    amount_minor: String(item.amountMinor),
    payee_version: item.payee?.version ?? null,
    end_to_end_id: item.endToEndId,
  }));
  await tx.batchInsert('payout_items', rows, 1000);
}

export async function updateReleased(
  tx: Transaction,
  { number, position }: { number: number; position: number },
  { by, at, reason }: { by: StaffId; at: Date; reason: string },
): Promise<void> {
  await tx('payout_items')
    .where({ batch_number: number, position })
    .update({ released_at: at, released_by: by, reason });
}

/** What was written for the bank; undefined where there is no such batch. */
export async function findFiles(
  db: Database | Transaction,
  number: number,
): Promise<{ csv: Buffer; pain001: Buffer | null } | undefined> {
  return db('payout_batches')
    .where({ number })
    .first<{ csv: Buffer; pain001: Buffer | null } | undefined>('csv', 'pain001');
}

interface BatchRow {
  readonly number: number;
  readonly currency: string;
  readonly execute_on: string;
  readonly made_by: StaffId;
  readonly maker: string;
  readonly made_at: Date;
  readonly statement_count: number;
  readonly total_minor: string;
  readonly csv_sha256: Buffer;
  readonly pain001_sha256: Buffer | null;
}

interface ItemRow {
  readonly batch_number: number;
  readonly position: number;
  readonly partner_id: PartnerId;
  readonly partner_key: string;
  readonly period: string;
  readonly amount_minor: string;
  readonly payee_version: number | null;
  readonly payee_name: string;
  readonly account: string;
  readonly bic: string | null;
  readonly latest_version: number | null;
  readonly end_to_end_id: string;
  readonly released_at: Date | null;
  readonly released_by: StaffId | null;
  readonly releaser: string | null;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly paid_by: StaffId | null;
  readonly payer: string | null;
  readonly paid_at: Date | null;
}

/** Batches with what became of each statement, the latest first; one of them where it is named. */
export async function findBatches(
  db: Database | Transaction,
  { number }: { number?: number } = {},
): Promise<PayoutBatch[]> {
  const which = { number: number ?? null };
  const { rows: batches } = await db.raw<{ rows: BatchRow[] }>(
    `select payout_batches.number, payout_batches.currency,
       payout_batches.execute_on::text as execute_on, payout_batches.made_by,
       staff.name as maker, payout_batches.made_at, payout_batches.statement_count,
       payout_batches.total_minor, payout_batches.csv_sha256, payout_batches.pain001_sha256
     from payout_batches join staff on staff.id = payout_batches.made_by
     where cast(:number as integer) is null or payout_batches.number = :number
     order by payout_batches.number desc`,
    which,
  );
  const { rows: items } = await db.raw<{ rows: ItemRow[] }>(
    `select payout_items.batch_number, payout_items.position, payout_items.partner_id,
       partners.key as partner_key, closed_statements.period, payout_items.amount_minor,
       payout_items.payee_version, payees.name as payee_name, payees.account, payees.bic,
       (select max(latest.version) from payees as latest
         where latest.partner_id = payout_items.partner_id
           and latest.currency = payout_items.currency) as latest_version,
       payout_items.end_to_end_id, payout_items.released_at, payout_items.released_by,
       releaser.name as releaser, payout_items.reason, paid_statements.reference,
       paid_statements.paid_by, payer.name as payer, paid_statements.paid_at
     from payout_items
       join partners on partners.id = payout_items.partner_id
       join closed_statements on closed_statements.partner_id = payout_items.partner_id
         and closed_statements.currency = payout_items.currency
         and closed_statements.number = payout_items.number
       left join payees on payees.partner_id = payout_items.partner_id
         and payees.currency = payout_items.currency
         and payees.version = payout_items.payee_version
       left join staff as releaser on releaser.id = payout_items.released_by
       left join paid_statements on paid_statements.partner_id = payout_items.partner_id
         and paid_statements.currency = payout_items.currency
         and paid_statements.number = payout_items.number
       left join staff as payer on payer.id = paid_statements.paid_by
     where cast(:number as integer) is null or payout_items.batch_number = :number
     order by payout_items.batch_number, payout_items.position`,
    which,
  );
  const itemsOf = new Map<number, PayoutItem[]>(batches.map((row) => [row.number, []]));
  for (const row of items) itemsOf.get(row.batch_number)?.push(itemOf(row));
  return batches.map((row) => batchOf(row, itemsOf.get(row.number) ?? []));
}

function batchOf(row: BatchRow, items: readonly PayoutItem[]): PayoutBatch {
  return {
    number: row.number,
    currency: row.currency,
    status: statusOf(items),
    executeOn: row.execute_on,
    madeBy: { id: row.made_by, name: row.maker },
    madeAt: row.made_at,
    statementCount: row.statement_count,
    totalMinor: BigInt(row.total_minor),
    csvSha256: row.csv_sha256,
    pain001Sha256: row.pain001_sha256,
    items,
  };
}

function itemOf(row: ItemRow): PayoutItem {
  const { released_at: releasedAt, released_by: releaser, paid_at: paidAt, paid_by: payer } = row;
  return {
    position: row.position,
    partnerId: row.partner_id,
    partnerKey: row.partner_key,
    period: row.period,
    amountMinor: BigInt(row.amount_minor),
    payee:
      row.payee_version === null
        ? null
        : {
            version: row.payee_version,
            name: row.payee_name,
            account: row.account,
            bic: row.bic,
            isLatest: row.payee_version === row.latest_version,
          },
    endToEndId: row.end_to_end_id,
    released:
      releasedAt && releaser
        ? {
            by: { id: releaser, name: row.releaser ?? '' },
            at: releasedAt,
            reason: row.reason ?? '',
          }
        : null,
    paid:
      paidAt && payer && !releasedAt
        ? { by: { id: payer, name: row.payer ?? '' }, at: paidAt, reference: row.reference ?? '' }
        : null,
  };
}
