import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { EntryLine } from './entry-rules.ts';
import {
  accounts,
  type Account,
  type AccountBalance,
  type EntryId,
  type PostedLine,
} from './entry.ts';

/** Posts an entry with all of its lines in one statement; false: its source has posted already. */
export async function insertEntry(
  tx: Transaction,
  entry: {
    partnerId: PartnerId;
    entryId: EntryId;
    currency: string;
    source: string;
    reversesEntryId: EntryId | null;
    bookedAt: Date;
  },
  lines: readonly EntryLine[],
): Promise<boolean> {
  const { rows } = await tx.raw<{ rows: unknown[] }>(
    `with entry as (
       insert into ledger_entries
         (partner_id, entry_id, currency, source, reverses_entry_id, booked_at)
       values (:partnerId, :entryId, :currency, :source, :reversesEntryId, :bookedAt)
       on conflict (partner_id, currency, source) do nothing
       returning partner_id, entry_id, currency
     ), lines as (
       insert into ledger_lines (partner_id, entry_id, account, currency, amount_minor)
       select entry.partner_id, entry.entry_id, moved.account, entry.currency, moved.minor
       from entry cross join unnest(cast(:accounts as text[]), cast(:amounts as bigint[]))
         as moved(account, minor)
     )
     select 1 from entry`,
    {
      ...entry,
      accounts: lines.map(({ account }) => account),
      amounts: lines.map(({ amountMinor }) => String(amountMinor)),
    },
  );
  return rows.length === 1;
}

interface StandingEntry {
  readonly entryId: EntryId;
  readonly currency: string;
  readonly lines: readonly EntryLine[];
}

/** The entry that a source has posted. */
export async function findPosting(
  db: Database | Transaction,
  { partnerId, currency, source }: { partnerId: PartnerId; currency: string; source: string },
): Promise<StandingEntry | undefined> {
  const row = await db('ledger_entries')
    .where({
      'ledger_entries.partner_id': partnerId,
      'ledger_entries.currency': currency,
      'ledger_entries.source': source,
    })
    .first<{ entry_id: EntryId } | undefined>('ledger_entries.entry_id');
  return row && findEntry(db, partnerId, row.entry_id);
}

export async function findEntry(
  db: Database | Transaction,
  partnerId: PartnerId,
  entryId: EntryId,
): Promise<StandingEntry | undefined> {
  const rows = await db('ledger_lines')
    .select<{ account: Account; currency: string; amount_minor: string }[]>(
      'ledger_lines.account',
      'ledger_lines.currency',
      'ledger_lines.amount_minor',
    )
    .where({ 'ledger_lines.partner_id': partnerId, 'ledger_lines.entry_id': entryId })
    .orderBy('ledger_lines.account');
  const [first] = rows;
  if (!first) return undefined;
  const lines = rows.map((row) => ({
    account: row.account,
    amountMinor: BigInt(row.amount_minor),
  }));
  return { entryId, currency: first.currency, lines };
}

/** The lines of all entries, of one partner or each, in the order of booking; debits first. */
export async function findPostedLines(
  db: Database | Transaction,
  { partnerId, from, until }: { partnerId?: PartnerId | undefined; from?: Date | undefined; until?: Date | undefined }, // prettier-ignore
): Promise<PostedLine[]> {
  const { rows } = await db.raw<{ rows: PostedRow[] }>(
    `select ledger_entries.partner_id, partners.key as partner_key, ledger_entries.entry_id,
       ledger_entries.booked_at, ledger_entries.source, ledger_entries.reverses_entry_id,
       ledger_lines.account, ledger_lines.amount_minor, ledger_lines.currency
     from ledger_entries
       join ledger_lines on ledger_lines.partner_id = ledger_entries.partner_id
         and ledger_lines.entry_id = ledger_entries.entry_id
       join partners on partners.id = ledger_entries.partner_id
     where (cast(:partnerId as uuid) is null or ledger_entries.partner_id = :partnerId)
       and (cast(:from as timestamptz) is null or ledger_entries.booked_at >= :from)
       and (cast(:until as timestamptz) is null or ledger_entries.booked_at < :until)
     order by ledger_entries.booked_at, ledger_entries.entry_id, ledger_lines.amount_minor < 0,
       array_position(cast(:accounts as text[]), ledger_lines.account)`,
    { partnerId: partnerId ?? null, from: from ?? null, until: until ?? null, accounts },
  );
  return rows.map((row) => ({
    partnerId: row.partner_id,
    partnerKey: row.partner_key,
    entryId: row.entry_id,
    bookedAt: row.booked_at,
    source: row.source,
    account: row.account,
    amountMinor: BigInt(row.amount_minor),
    currency: row.currency,
    reversesEntryId: row.reverses_entry_id,
  }));
}

interface PostedRow {
  readonly partner_id: PartnerId;
  readonly partner_key: string;
  readonly entry_id: EntryId;
  readonly booked_at: Date;
  readonly source: string;
  readonly account: Account;
  readonly amount_minor: string;
  readonly currency: string;
  readonly reverses_entry_id: EntryId | null;
}

/** What each account held at a moment, by what was posted until then. */
export async function sumAccounts(
  db: Database | Transaction,
  { at, partnerId }: { at: Date; partnerId: PartnerId | undefined },
): Promise<AccountBalance[]> {
  const { rows } = await db.raw<{ rows: BalanceRow[] }>(
    `select partners.key as partner_key, ledger_lines.currency, ledger_lines.account,
       sum(ledger_lines.amount_minor) as balance_minor
     from ledger_lines
       join ledger_entries on ledger_entries.partner_id = ledger_lines.partner_id
         and ledger_entries.entry_id = ledger_lines.entry_id
       join partners on partners.id = ledger_lines.partner_id
     where ledger_entries.booked_at <= :at
       and (cast(:partnerId as uuid) is null or ledger_lines.partner_id = :partnerId)
     group by 1, 2, 3
     order by 1, 2, 3`,
    { at, partnerId: partnerId ?? null },
  );
  return rows.map((row) => ({
    partnerKey: row.partner_key,
    currency: row.currency,
    account: row.account,
    balanceMinor: BigInt(row.balance_minor),
  }));
}

interface BalanceRow {
  readonly partner_key: string;
  readonly currency: string;
  readonly account: Account;
  readonly balance_minor: string;
}

interface AgedRow {
  readonly partner_key: string;
  readonly currency: string;
  readonly account: 'partner-payable' | 'partner-receivable';
  readonly to_30: string;
  readonly to_60: string;
  readonly to_90: string;
  readonly beyond: string;
}

/**
 * What was owed at a moment, by how many days it had been: what takes a debt away takes its oldest
 * part first.
 */
export async function sumByAge(
  db: Database | Transaction,
  { at, partnerId }: { at: Date; partnerId: PartnerId | undefined },
): Promise<AgedRow[]> {
  const { rows } = await db.raw<{ rows: AgedRow[] }>(
    `with moved as (
       select ledger_lines.partner_id, ledger_lines.currency, ledger_lines.account,
         ledger_entries.booked_at, ledger_entries.entry_id,
         case ledger_lines.account when 'partner-payable' then -ledger_lines.amount_minor
           else ledger_lines.amount_minor end as minor
       from ledger_lines
         join ledger_entries on ledger_entries.partner_id = ledger_lines.partner_id
           and ledger_entries.entry_id = ledger_lines.entry_id
       where ledger_lines.account in ('partner-payable', 'partner-receivable')
         and ledger_entries.booked_at <= :at
         and (cast(:partnerId as uuid) is null or ledger_lines.partner_id = :partnerId)
     ), raised as (
       select moved.*,
         sum(moved.minor) filter (where moved.minor > 0)
           over (partition by partner_id, currency, account order by booked_at, entry_id) as so_far,
         coalesce(-sum(moved.minor) filter (where moved.minor < 0)
           over (partition by partner_id, currency, account), 0) as taken
       from moved
     ), left_over as (
       select raised.*, least(raised.minor, greatest(raised.so_far - raised.taken, 0)) as open_minor,
         extract(epoch from cast(:at as timestamptz) - raised.booked_at) / 86400 as days
       from raised where raised.minor > 0
     )
     select partners.key as partner_key, left_over.currency, left_over.account,
       coalesce(sum(open_minor) filter (where days <= 30), 0) as to_30,
       coalesce(sum(open_minor) filter (where days > 30 and days <= 60), 0) as to_60,
       coalesce(sum(open_minor) filter (where days > 60 and days <= 90), 0) as to_90,
       coalesce(sum(open_minor) filter (where days > 90), 0) as beyond
     from left_over join partners on partners.id = left_over.partner_id
     where left_over.open_minor > 0
     group by 1, 2, 3
     order by 1, 2, 3`,
    { at, partnerId: partnerId ?? null },
  );
  return rows;
}
