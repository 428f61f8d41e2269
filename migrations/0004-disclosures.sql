-- The disclosure log: one Merkle tree per recipient (RFC 6962), written before anything is shown.
-- Every key begins with recipient_id. Entries get their index from the head's compare-and-set, in
-- the transaction that writes them; so indices have no gaps, whoever and however many write.

create table log_heads (
  recipient_id uuid not null,
  log_id text not null,
  origin text not null,
  size bigint not null default 0,
  -- Raised by whatever takes something away from the recipient, in its own transaction.
  epoch bigint not null default 0,
  -- Roots of the complete subtrees along the right edge, the largest first, 32 bytes each.
  frontier bytea not null default '',
  created_at timestamptz not null default now(),
  constraint log_heads_pkey primary key (recipient_id),
  constraint log_heads_size_check check (size >= 0),
  constraint log_heads_epoch_check check (epoch >= 0),
  constraint log_heads_frontier_check check (octet_length(frontier) % 32 = 0)
) with (fillfactor = 50);

create table disclosure_entries (
  recipient_id uuid not null,
  index bigint not null,
  entry_id uuid not null,
  -- Canonical JSON (RFC 8785): the bytes that were hashed. No personal data.
  entry text not null,
  leaf_hash bytea not null,
  created_at timestamptz not null default now(),
  constraint disclosure_entries_pkey primary key (recipient_id, index),
  constraint disclosure_entries_entry_id_key unique (recipient_id, entry_id),
  constraint disclosure_entries_index_check check (index >= 0),
  constraint disclosure_entries_leaf_hash_check check (octet_length(leaf_hash) = 32)
);

-- Apart from the entries, because erasing a person changes these and never an entry.
create table disclosure_secrets (
  recipient_id uuid not null,
  index bigint not null,
  secret bytea not null,
  leaf_hashes bytea not null,
  constraint disclosure_secrets_pkey primary key (recipient_id, index),
  constraint disclosure_secrets_secret_check check (octet_length(secret) = 32),
  constraint disclosure_secrets_leaf_hashes_check check (octet_length(leaf_hashes) % 32 = 0)
);
-- Hashes do not compress; up to about 250 of them stay in their row instead of a second table.
alter table disclosure_secrets alter column leaf_hashes set storage external;
alter table disclosure_secrets set (toast_tuple_target = 8160);

create table disclosure_subjects (
  recipient_id uuid not null,
  index bigint not null,
  -- Whose records the entry shows, in the order of its leaves: numbers of log_subjects, ascending,
  -- each as the LEB128 difference to the one before.
  numbers bytea not null,
  constraint disclosure_subjects_pkey primary key (recipient_id, index)
);

create table log_counters (
  recipient_id uuid not null,
  numbered bigint not null default 0,
  constraint log_counters_pkey primary key (recipient_id),
  constraint log_counters_numbered_check check (numbered >= 0)
);

-- Small numbers of customers, from 1 and without gaps, each within one recipient's log.
create table log_subjects (
  recipient_id uuid not null,
  customer_id uuid not null,
  number bigint not null,
  created_at timestamptz not null default now(),
  constraint log_subjects_pkey primary key (recipient_id, customer_id),
  constraint log_subjects_number_key unique (recipient_id, number),
  constraint log_subjects_number_check check (number > 0)
);

-- Roots of complete subtrees of 256, 65,536, … entries: a proof reads a few rows, not the whole log.
create table log_nodes (
  recipient_id uuid not null,
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  constraint log_nodes_pkey primary key (recipient_id, level, index),
  constraint log_nodes_level_check check (level > 0 and level % 8 = 0),
  constraint log_nodes_index_check check (index >= 0),
  constraint log_nodes_hash_check check (octet_length(hash) = 32)
);

create trigger refuse_change before update or delete on disclosure_entries
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on disclosure_entries
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on log_nodes
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_nodes
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on log_subjects
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_subjects
  for each statement execute function refuse_change();

create function refuse_log_rollback() returns trigger language plpgsql as $$
begin
  if new.size < old.size or new.epoch < old.epoch
    or (new.recipient_id, new.log_id, new.origin) is distinct from (old.recipient_id, old.log_id, old.origin)
    or (new.size = old.size and new.frontier <> old.frontier)
  then
    raise exception 'append-only: a log never goes back' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;

create trigger refuse_rollback before update on log_heads
  for each row execute function refuse_log_rollback();
create trigger refuse_delete before delete on log_heads
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_heads
  for each statement execute function refuse_change();

grant select, insert (recipient_id, log_id, origin), update (size, epoch, frontier)
  on log_heads to sluice_app;
grant select, insert (recipient_id), update (numbered) on log_counters to sluice_app;
grant select, insert (recipient_id, customer_id, number) on log_subjects to sluice_app;
grant select, insert (recipient_id, index, entry_id, entry, leaf_hash)
  on disclosure_entries to sluice_app;
grant select, insert (recipient_id, index, secret, leaf_hashes) on disclosure_secrets to sluice_app;
grant select, insert (recipient_id, index, numbers) on disclosure_subjects to sluice_app;
grant select, insert (recipient_id, level, index, hash) on log_nodes to sluice_app;

-- The reader learns the epoch of its own recipient, in the snapshot of its page, and nothing else.
grant select (recipient_id, epoch) on log_heads to sluice_reader;
alter table log_heads enable row level security;
create policy log_heads_of_the_app on log_heads to sluice_app using (true) with check (true);
create policy log_heads_of_the_reader on log_heads for select to sluice_reader
  using (recipient_id = nullif(current_setting('app.recipient', true), '')::uuid);

create function log_epoch(recipient uuid) returns bigint stable language sql as $$
  select log_heads.epoch from log_heads where log_heads.recipient_id = recipient
$$;
revoke all on function log_epoch(uuid) from public;
grant execute on function log_epoch(uuid) to sluice_app, sluice_reader;
