-- What a person may be told of the disclosures about it, and that this is all of them.

-- Each customer's own secret: what the daily digests of the logs call it follows from this and from
-- the log and the day, so that nobody links two of its names. Gone when the customer is erased.
create table log_secrets (
  customer_id uuid not null,
  secret bytea not null,
  created_at timestamptz not null default now(),
  constraint log_secrets_pkey primary key (customer_id),
  constraint log_secrets_secret_check check (octet_length(secret) = 32)
);
grant select, insert (customer_id, secret) on log_secrets to sluice_app;

-- Which entries show a customer, turned round: segments of 1,024 entries, each cut into a power of
-- two of buckets by the customers' numbers. The bucket's key is that power plus the number modulo it.
-- Written behind the entries; those that no segment covers yet are read one by one.
create table log_postings (
  recipient_id uuid not null,
  bucket integer not null,
  segment bigint not null,
  -- By number, ascending, LEB128: the difference to the number before, how many leaves, and for each
  -- the difference of its entry's place in the segment to the one before.
  postings bytea not null,
  constraint log_postings_pkey primary key (recipient_id, bucket, segment),
  constraint log_postings_bucket_check check (bucket > 0),
  constraint log_postings_segment_check check (segment >= 0)
);
grant select, insert (recipient_id, bucket, segment, postings) on log_postings to sluice_app;

-- What stays of an erased customer, so that the days on which it was disclosed can be recomputed: the
-- name it had in one log on one day, which nobody can tell it by any more, and the entries.
create table log_erased_leaves (
  recipient_id uuid not null,
  day date not null,
  pseudonym bytea not null,
  -- Places of the entries, ascending, each as the LEB128 difference to the one before.
  entries bytea not null,
  constraint log_erased_leaves_pkey primary key (recipient_id, day, pseudonym),
  constraint log_erased_leaves_pseudonym_check check (octet_length(pseudonym) = 32)
);
create trigger refuse_change before update or delete on log_erased_leaves
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_erased_leaves
  for each statement execute function refuse_change();
grant select, insert on log_erased_leaves to sluice_app;

-- An entry has its secret, or, once somebody is erased from it, what is left of the salts under it:
-- 16 bytes each, zero where a salt is gone.
alter table disclosure_secrets alter column secret drop not null;
alter table disclosure_secrets add column salts bytea;
alter table disclosure_secrets add constraint disclosure_secrets_salts_check
  check (salts is null or octet_length(salts) = 16 + octet_length(leaf_hashes) / 2);
alter table disclosure_secrets add constraint disclosure_secrets_are_opened_one_way
  check ((secret is null) <> (salts is null));
-- Places of leaves, from 0, whose customers are erased; the numbers are those of the others.
alter table disclosure_subjects add column erased bytea;

create index disclosure_secrets_narrowed on disclosure_secrets (recipient_id, (filters ->> 'customer'))
  where filters is not null;

-- A number that is erased is given to nobody else; nothing but its erasure takes it away.
drop trigger refuse_change on log_subjects;
create trigger refuse_change before update on log_subjects
  for each row execute function refuse_change();
create trigger refuse_delete before delete on log_subjects for each row
  when (current_setting('sluice.erased', true) is distinct from old.recipient_id || '/' || old.number)
  execute function refuse_change();

-- Erasing, as the tables' owner: the app may take away, never put something else in its place.
create function erase_subject_from_entry(
  recipient uuid, entry_index bigint, left_numbers bytea, erased_places bytea, left_salts bytea
) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update public.disclosure_subjects set numbers = left_numbers, erased = erased_places
    where disclosure_subjects.recipient_id = recipient and disclosure_subjects.index = entry_index
      and octet_length(left_numbers) <= octet_length(disclosure_subjects.numbers) + 10
      and octet_length(erased_places) > coalesce(octet_length(disclosure_subjects.erased), 0);
  if not found then
    raise exception 'erasing: entry % has nothing like that', entry_index using errcode = 'insufficient_privilege';
  end if;
  update public.disclosure_secrets set secret = null, salts = left_salts
    where disclosure_secrets.recipient_id = recipient and disclosure_secrets.index = entry_index;
end
$$;

create function erase_subject_from_log(recipient uuid, customer uuid, customer_pairwise text)
  returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  known bigint;
begin
  select log_subjects.number into strict known from public.log_subjects
    where log_subjects.recipient_id = recipient and log_subjects.customer_id = customer;
  perform set_config('sluice.erased', recipient || '/' || known, true);
  delete from public.log_subjects
    where log_subjects.recipient_id = recipient and log_subjects.customer_id = customer;
  perform set_config('sluice.erased', '', true);
  -- The page was narrowed to the customer, whatever it held.
  update public.disclosure_secrets set filters = disclosure_secrets.filters - 'customer'
    where disclosure_secrets.recipient_id = recipient
      and disclosure_secrets.filters is not null
      and disclosure_secrets.filters ->> 'customer' = customer_pairwise;
end
$$;

create function erase_log_secret(customer uuid) returns void language sql security definer
  set search_path = pg_catalog, pg_temp as $$
  delete from public.log_secrets where log_secrets.customer_id = customer
$$;

create function replace_postings(recipient uuid, of_bucket integer, of_segment bigint, left_postings bytea)
  returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update public.log_postings set postings = left_postings
    where log_postings.recipient_id = recipient and log_postings.bucket = of_bucket
      and log_postings.segment = of_segment
$$;

revoke all on function erase_subject_from_entry(uuid, bigint, bytea, bytea, bytea) from public;
revoke all on function erase_subject_from_log(uuid, uuid, text) from public;
revoke all on function erase_log_secret(uuid) from public;
revoke all on function replace_postings(uuid, integer, bigint, bytea) from public;
grant execute on function erase_subject_from_entry(uuid, bigint, bytea, bytea, bytea) to sluice_app;
grant execute on function erase_subject_from_log(uuid, uuid, text) to sluice_app;
grant execute on function erase_log_secret(uuid) to sluice_app;
grant execute on function replace_postings(uuid, integer, bigint, bytea) to sluice_app;
