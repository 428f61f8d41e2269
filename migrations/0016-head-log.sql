-- The head log: the log of logs. At each beat it gets one entry, the root of a tree in which every log
-- has one place. It is a log like the others (of the recipient 0000…, which nobody is), so it has its
-- rows in log_heads and disclosure_entries; the secret of a beat is its entry's secret.

-- How far a log had come at a beat. A row only where that changed: the last one up to a beat counts.
create table log_places (
  recipient_id uuid not null,
  -- The index of the beat's entry in the head log.
  beat bigint not null,
  origin text not null,
  size bigint not null,
  root bytea not null,
  created_at timestamptz not null default now(),
  constraint log_places_pkey primary key (recipient_id, beat),
  constraint log_places_beat_check check (beat >= 0),
  constraint log_places_size_check check (size >= 0),
  constraint log_places_root_check check (octet_length(root) = 32)
);

-- What witnesses said of a checkpoint of the head log: signature lines (C2SP tlog-cosignature).
create table log_cosignatures (
  recipient_id uuid not null,
  size bigint not null,
  -- The witness's verifier key.
  witness text not null,
  line text not null,
  created_at timestamptz not null default now(),
  constraint log_cosignatures_pkey primary key (recipient_id, size, witness),
  constraint log_cosignatures_size_check check (size > 0),
  constraint log_cosignatures_line_check check (line like '— %' and length(line) <= 1000)
);

create trigger refuse_change before update or delete on log_places
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_places
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on log_cosignatures
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_cosignatures
  for each statement execute function refuse_change();

grant select, insert (recipient_id, beat, origin, size, root) on log_places to sluice_app;
grant select, insert (recipient_id, size, witness, line) on log_cosignatures to sluice_app;

-- A log that was rolled back (a restored backup) goes on under a new name: under the old one more was
-- signed than it holds now. Only here can the name of a log change.
create table log_renewals (
  recipient_id uuid not null,
  -- How many entries the log had when it got its new name.
  size bigint not null,
  log_id text not null,
  origin text not null,
  was_origin text not null,
  created_at timestamptz not null default now(),
  constraint log_renewals_pkey primary key (recipient_id, origin),
  constraint log_renewals_size_check check (size >= 0)
);
create trigger refuse_change before update or delete on log_renewals
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_renewals
  for each statement execute function refuse_change();
grant select on log_renewals to sluice_app;

create or replace function refuse_log_rollback() returns trigger language plpgsql as $$
begin
  if new.size < old.size or new.epoch < old.epoch or new.recipient_id <> old.recipient_id
    or (new.size = old.size and new.frontier <> old.frontier)
  then
    raise exception 'append-only: a log never goes back' using errcode = 'insufficient_privilege';
  end if;
  if (new.log_id, new.origin) is distinct from (old.log_id, old.origin) and not exists (
    select from public.log_renewals renewal
    where renewal.recipient_id = new.recipient_id and renewal.origin = new.origin
      and renewal.log_id = new.log_id and renewal.was_origin = old.origin
      and renewal.size = new.size and renewal.created_at = now()
  ) then
    raise exception 'append-only: a log keeps its name' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;

create function renew_log(recipient uuid, new_log_id text, new_origin text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into log_renewals (recipient_id, size, log_id, origin, was_origin)
  select log_heads.recipient_id, log_heads.size, new_log_id, new_origin, log_heads.origin
  from log_heads where log_heads.recipient_id = recipient;
  update log_heads set log_id = new_log_id, origin = new_origin
  where log_heads.recipient_id = recipient;
end
$$;
revoke all on function renew_log(uuid, text, text) from public;
grant execute on function renew_log(uuid, text, text) to sluice_app;
