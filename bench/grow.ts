import type { Database } from '../src/platform/database.ts';

/** How much there is in all. */
export interface Totals {
  readonly jointRecords: number;
  readonly partners: number;
  readonly customers: number;
  /** Records shown to somebody and written down: the leaves of all entries. */
  readonly disclosures: number;
}

const model = "(select id from partners where key = 'other-0')";
const idOf = (what: string) => `md5('grown ' || copy || ${what})::uuid`;
const copies = 'generate_series(cast(:first as integer), cast(:last as integer)) as copy';

/**
 * Copies of one partner with all that it has, under other ids: its agreement, its log and its joint
 * records with their customers. Then as many disclosures as there are joint records, a hundred to an
 * entry, copied from a page that was truly shown. Nobody could verify these logs.
 */
const steps = [
  `insert into partners (id, key, kind, name, status)
   select ${idOf("'partner'")}, 'grown-' || copy, kind, name, status
   from partners cross join ${copies} where id = ${model}`,
  `with grown as (insert into agreement_versions
   select grown.* from agreement_versions cross join ${copies}
   cross join lateral jsonb_populate_record(
     agreement_versions, jsonb_build_object('partner_id', ${idOf("'partner'")})) as grown
   where agreement_versions.partner_id = ${model}
   returning partner_id, version)
   insert into agreement_acceptances (partner_id, version, side, accepted_by, evidence, accepted_at)
   select grown.partner_id, grown.version, side, accepted_by, evidence, accepted_at
   from grown join agreement_acceptances on agreement_acceptances.partner_id = ${model}
     and agreement_acceptances.version = grown.version`,
  `insert into log_heads (recipient_id, log_id, origin, size, epoch, frontier)
   select ${idOf("'partner'")}, 'grown-' || copy, origin, :entries, epoch, frontier
   from log_heads cross join ${copies}
   where recipient_id = ${model}`,
  `insert into customers (customer_id)
   select ${idOf('customer_id')}
   from (select distinct customer_id from joint_records where recipient_id = ${model}) as theirs
   cross join ${copies}`,
  `insert into joint_records (recipient_id, record_type, position, record_id, customer_id,
     subject_number, subject_id, kind, services, reference, contact, contact_email,
     contact_additional, account, financial, billing, business)
   select ${idOf("'partner'")}, record_type, ${idOf('position')}, ${idOf('record_id')},
     ${idOf('customer_id')}, subject_number, subject_id, kind, services, reference, contact,
     contact_email, contact_additional, account, financial, billing, business
   from joint_records cross join ${copies} where recipient_id = ${model}`,
  `insert into disclosure_entries (recipient_id, index, entry_id, entry, leaf_hash)
   select ${idOf("'partner'")}, number, ${idOf("'entry' || number")}, shown.entry, shown.leaf_hash
   from (select * from disclosure_entries where (recipient_id, index) = (:recipient, :index)) as shown
   cross join ${copies} cross join generate_series(0, cast(:entries as integer) - 1) as number`,
  `insert into disclosure_secrets (recipient_id, index, secret, leaf_hashes)
   select ${idOf("'partner'")}, number, shown.secret, shown.leaf_hashes
   from (select * from disclosure_secrets where (recipient_id, index) = (:recipient, :index)) as shown
   cross join ${copies} cross join generate_series(0, cast(:entries as integer) - 1) as number`,
  `insert into disclosure_subjects (recipient_id, index, numbers)
   select ${idOf("'partner'")}, number, shown.numbers
   from (select * from disclosure_subjects where (recipient_id, index) = (:recipient, :index)) as shown
   cross join ${copies} cross join generate_series(0, cast(:entries as integer) - 1) as number`,
];

/**
 * Fills the database up to so many joint records, all of other partners than the measured ones.
 * Needs the superuser, and an entry of a full page in the log of `recipient`.
 */
export async function grow(db: Database, to: number, recipient: string): Promise<Totals> {
  const each = await countOf(db, `from joint_records where recipient_id = ${model}`);
  const there = await countOf(db, 'from joint_records');
  const grown = await countOf(db, "from partners where key like 'grown-%'");
  const more = Math.max(0, Math.ceil((to - there) / each));
  const { rows } = await db.raw<{ rows: { index: string }[] }>(
    `select index from disclosure_secrets where recipient_id = ?
     order by octet_length(leaf_hashes) desc, index limit 1`,
    [recipient],
  );
  const index = rows[0]?.index;
  if (index === undefined) throw new Error('Nothing was disclosed yet that could be copied.');
  const entries = Math.ceil(each / 100);
  const values = { first: grown + 1, last: grown + more, entries, recipient, index };
  for (const step of steps) await db.raw(step, values);
  await db.raw('vacuum (analyze)');
  await db.raw('checkpoint');
  return {
    jointRecords: await countOf(db, 'from joint_records'),
    partners: await countOf(db, 'from partners'),
    customers: await countOf(db, 'from customers'),
    disclosures: await countOf(
      db,
      'from disclosure_secrets',
      'sum(octet_length(leaf_hashes) / 32)',
    ),
  };
}

async function countOf(db: Database, from: string, what = 'count(*)'): Promise<number> {
  const { rows } = await db.raw<{ rows: { total: string | null }[] }>(
    `select ${what} as total ${from}`,
  );
  return Number(rows[0]?.total ?? 0);
}
