-- The log's entries by month: those of old months can be written to files and taken out of the
-- database, month by month, while proofs of them are still served.
--
-- A month is that of the entry's id (UUIDv7: its first 48 bits are milliseconds), so that an entry is
-- found by its id in one partition. By its index it is looked for in all of them, each with a unique
-- index of its own; that indices are unique across months is the head's compare-and-set, which the
-- audit proves. What lies beside an entry (secret, subjects) stays whole: erasing a person changes it.

create function log_month_floor(month date) returns uuid immutable strict parallel safe language sql
  set search_path = pg_catalog, pg_temp as $$
  select (lpad(to_hex(extract(epoch from month)::bigint * 1000), 12, '0') || repeat('0', 20))::uuid
$$;

alter table disclosure_entries rename to disclosure_entries_before;
alter table disclosure_entries_before
  drop constraint disclosure_entries_pkey,
  drop constraint disclosure_entries_entry_id_key;

create table disclosure_entries (
  recipient_id uuid not null,
  index bigint not null,
  entry_id uuid not null,
  -- Canonical JSON (RFC 8785): the bytes that were hashed. No personal data.
  entry text not null,
  leaf_hash bytea not null,
  created_at timestamptz not null default now(),
  constraint disclosure_entries_pkey primary key (recipient_id, entry_id),
  constraint disclosure_entries_index_check check (index >= 0),
  constraint disclosure_entries_leaf_hash_check check (octet_length(leaf_hash) = 32)
) partition by range (entry_id);

create trigger refuse_change before update or delete on disclosure_entries
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on disclosure_entries
  for each statement execute function refuse_change();
-- On the whole alone: no partition is granted to anybody.
grant select, insert (recipient_id, index, entry_id, entry, leaf_hash)
  on disclosure_entries to sluice_app;

-- What was written to files: of each log one range behind the other, from 0 and without gaps.
create table log_exports (
  recipient_id uuid not null,
  from_index bigint not null,
  past_index bigint not null,
  -- The entries are of months before this one.
  before date not null,
  files integer not null,
  -- SHA-256 over the SHA-256 of each file, in order: a bundle of entries, then the tile of its hashes.
  digest bytea not null,
  created_at timestamptz not null default now(),
  constraint log_exports_pkey primary key (recipient_id, from_index),
  constraint log_exports_range_check check (from_index >= 0 and past_index > from_index),
  constraint log_exports_bundles_check check (from_index % 256 = 0 and past_index % 256 = 0),
  constraint log_exports_before_check check (extract(day from before) = 1),
  constraint log_exports_files_check check (files > 0),
  constraint log_exports_digest_check check (octet_length(digest) = 32)
);
create trigger refuse_change before update or delete on log_exports
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_exports
  for each statement execute function refuse_change();
grant select, insert (recipient_id, from_index, past_index, before, files, digest)
  on log_exports to sluice_app;

-- Where an entry stands that is in the files alone. Written by detach_log_entries, nobody else.
create table log_archived_ids (
  recipient_id uuid not null,
  entry_id uuid not null,
  index bigint not null,
  constraint log_archived_ids_pkey primary key (recipient_id, entry_id),
  constraint log_archived_ids_index_key unique (recipient_id, index)
);
create trigger refuse_change before update or delete on log_archived_ids
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_archived_ids
  for each statement execute function refuse_change();
grant select on log_archived_ids to sluice_app;

-- A table like a partition, not yet one. TRUNCATE triggers are not inherited: each gets its own.
create function make_log_table(name text) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  execute format('create table public.%I (like public.disclosure_entries including defaults including constraints,
    constraint %I primary key (recipient_id, entry_id), constraint %I unique (recipient_id, index))',
    name, name || '_pkey', name || '_index_key');
  execute format('create trigger refuse_truncate before truncate on public.%I
    for each statement execute function public.refuse_change()', name);
end
$$;

create function make_log_month(month date) returns void language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  name text := 'disclosure_entries_' || to_char(month, 'YYYY_MM');
  low uuid := public.log_month_floor(month);
  high uuid := public.log_month_floor((month + interval '1 month')::date);
begin
  perform public.make_log_table(name);
  -- What came while the month had no partition moves into it.
  if exists (select from public.disclosure_entries_unplaced e where e.entry_id >= low and e.entry_id < high) then
    alter table public.disclosure_entries_unplaced disable trigger refuse_change;
    execute format('with moved as (
        delete from public.disclosure_entries_unplaced e where e.entry_id >= %L and e.entry_id < %L returning e.*
      ) insert into public.%I select moved.* from moved', low, high, name);
    alter table public.disclosure_entries_unplaced enable trigger refuse_change;
  end if;
  execute format('alter table public.disclosure_entries attach partition public.%I for values from (%L) to (%L)',
    name, low, high);
end
$$;

create function log_months() returns setof date stable language sql
  set search_path = pg_catalog, pg_temp as $$
  select to_date(right(c.relname, 7), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'public.disclosure_entries'::regclass and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
$$;

-- Partitions up to the third month after this one; how many are new. The app may ask for it: it
-- chooses nothing.
create function make_log_partitions() returns integer language plpgsql security definer
  set search_path = pg_catalog, pg_temp set lock_timeout = '3s' as $$
declare
  last date := date_trunc('month', now() at time zone 'UTC') + interval '3 months';
  made integer := 0;
  month date;
begin
  if (select max(m) from public.log_months() m) >= last then
    return 0;
  end if;
  perform pg_advisory_xact_lock(7713);
  for month in
    select generate_series((select max(m) from public.log_months() m) + interval '1 month', last, '1 month')
  loop
    perform public.make_log_month(month);
    made := made + 1;
  end loop;
  return made;
end
$$;

-- Takes the entries of all months before this one out of the database, those that are in files by
-- log_exports; the others stay, together in the partition of the past. Its owner alone may: who calls
-- it has just read the files (sluice log export --detach).
create function detach_log_entries(before date) returns table (detached bigint, kept bigint)
  language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '10s' as $$
declare
  past constant text := 'disclosure_entries_past';
  fresh constant text := 'disclosure_entries_next';
  bound uuid := public.log_month_floor(before);
  old text[];
  part text;
begin
  perform public.make_log_partitions();
  perform pg_advisory_xact_lock(7713);
  if before <> date_trunc('month', before) or before > (now() at time zone 'UTC')::date then
    raise exception 'detaching: % is not the first day of a month that has begun', before
      using errcode = 'invalid_parameter_value';
  end if;
  if before < (select min(m) from public.log_months() m) then
    -- All that is as old is in the past already.
    detached := 0;
    kept := 0;
    return next;
    return;
  end if;
  if exists (
    select from public.log_exports x join public.log_heads h on h.recipient_id = x.recipient_id
    group by h.recipient_id, h.size
    having sum(x.past_index - x.from_index) <> max(x.past_index) or max(x.past_index) >= h.size
      or max(x.past_index) / 256 <> (select count(*) from public.log_nodes n where n.recipient_id = h.recipient_id
        and n.level = 8 and n.index < max(x.past_index) / 256)
  ) then
    raise exception 'detaching: the recorded exports are not the beginning of a log'
      using errcode = 'invalid_parameter_value';
  end if;
  old := array(select 'disclosure_entries_' || to_char(m, 'YYYY_MM') from public.log_months() m where m < before) || past;
  foreach part in array old loop
    execute format('lock table public.%I in share mode', part);
  end loop;
  insert into public.log_archived_ids (recipient_id, entry_id, index)
    select e.recipient_id, e.entry_id, e.index from public.disclosure_entries e
    where e.entry_id < bound and e.index < (
      select max(x.past_index) from public.log_exports x where x.recipient_id = e.recipient_id);
  get diagnostics detached = row_count;
  perform public.make_log_table(fresh);
  execute format('insert into public.%I select e.* from public.disclosure_entries e
    where e.entry_id < %L and e.index >= coalesce((
      select max(x.past_index) from public.log_exports x where x.recipient_id = e.recipient_id), 0)', fresh, bound);
  get diagnostics kept = row_count;
  foreach part in array old loop
    execute format('alter table public.disclosure_entries detach partition public.%I', part);
    execute format('drop table public.%I', part);
  end loop;
  execute format('alter table public.%I rename to %I', fresh, past);
  execute format('alter table public.%I rename constraint %I to %I', past, fresh || '_pkey', past || '_pkey');
  execute format('alter table public.%I rename constraint %I to %I', past, fresh || '_index_key', past || '_index_key');
  execute format('alter table public.disclosure_entries attach partition public.%I for values from (minvalue) to (%L)',
    past, bound);
  return next;
end
$$;

-- From the month of the oldest entry on; everything before is the past, and what has no month yet is
-- unplaced: an entry is never refused for want of a partition.
do $$
declare
  first date := date_trunc('month', now() at time zone 'UTC');
  oldest date;
begin
  select date_trunc('month', to_timestamp(('x' || substr(replace(min(e.entry_id::text), '-', ''), 1, 12))::bit(48)::bigint / 1000.0) at time zone 'UTC')
    into oldest from disclosure_entries_before e
    where substr(e.entry_id::text, 15, 1) = '7' and e.entry_id >= log_month_floor('2020-01-01');
  first := least(first, oldest);
  perform make_log_table('disclosure_entries_past');
  perform make_log_table('disclosure_entries_unplaced');
  execute format('alter table disclosure_entries attach partition disclosure_entries_past for values from (minvalue) to (%L)',
    log_month_floor(first));
  alter table disclosure_entries attach partition disclosure_entries_unplaced default;
  perform make_log_month(first);
  perform make_log_partitions();
end
$$;

insert into disclosure_entries select e.* from disclosure_entries_before e;
drop table disclosure_entries_before;

-- What is unplaced is told by `sluice log verify`.
grant select on disclosure_entries_unplaced to sluice_app;

revoke all on function log_month_floor(date), make_log_table(text), make_log_month(date), log_months(),
  make_log_partitions(), detach_log_entries(date) from public;
grant execute on function make_log_partitions() to sluice_app;
