-- Who works for the operator, and what one person proposed for another to decide. The second person
-- is kept by the database too: nobody approves or rejects what they proposed themselves, a proposal
-- is decided once and in time, and nothing else of it ever changes.

create table staff (
  id text primary key check (id ~ '^per_[A-Za-z0-9_-]{22}$'),
  name text not null check (length(name) between 1 and 200),
  roles text[] not null
    check (cardinality(roles) > 0 and roles <@ array['privacy', 'partner', 'finance', 'admin']),
  -- SHA-256 of the personal key
  key_hash bytea not null unique check (length(key_hash) = 32),
  status text not null default 'active' check (status in ('active', 'ended')),
  created_at timestamptz not null
);
-- Whoever reads "proposed by Ada, approved by Ben" must know which Ada: names of active persons differ.
create unique index staff_name on staff (lower(name)) where status = 'active';

-- A proposal past expires_at stays `open` here and is read as expired: the clock decides, at the read.
create table proposals (
  id uuid primary key,
  kind text not null check (kind ~ '^[a-z][a-z-]{0,63}$'),
  about jsonb not null check (length(about::text) <= 1000000),
  -- kept as the text it was made as: people read its columns in the order they were written in
  diff json not null check (length(diff::text) <= 1000000),
  proposed_by text not null references staff (id),
  proposed_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > proposed_at),
  status text not null default 'open' check (status in ('open', 'approved', 'rejected', 'withdrawn')),
  decided_by text references staff (id),
  decided_at timestamptz,
  reason text check (length(reason) between 1 and 1000),
  constraint decided_as_a_whole
    check ((status = 'open') = (decided_by is null) and (status = 'open') = (decided_at is null)),
  constraint second_person
    check (status not in ('approved', 'rejected') or decided_by <> proposed_by),
  constraint withdrawn_by_who_proposed check (status <> 'withdrawn' or decided_by = proposed_by),
  constraint decided_in_time check (decided_at < expires_at),
  constraint no_without_a_reason check ((status in ('rejected', 'withdrawn')) = (reason is not null))
);
create index proposals_of_status on proposals (status, id);
create index proposals_proposed_by on proposals (proposed_by);
create index proposals_decided_by on proposals (decided_by);

create function keep_proposal() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'open' then
      raise exception 'a proposal begins open' using errcode = 'insufficient_privilege';
    end if;
    return new;
  end if;
  if old.status <> 'open' or new.status = 'open' then
    raise exception 'a proposal is decided once' using errcode = 'insufficient_privilege';
  end if;
  if (new.id, new.kind, new.about, new.diff::text, new.proposed_by, new.proposed_at, new.expires_at)
     is distinct from
     (old.id, old.kind, old.about, old.diff::text, old.proposed_by, old.proposed_at, old.expires_at) then
    raise exception 'what was proposed never changes' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger proposals_are_decided_once before insert or update on proposals
  for each row execute function keep_proposal();
create trigger proposals_stay before delete on proposals
  for each row execute function refuse_change();
create trigger proposals_are_not_emptied before truncate on proposals
  for each statement execute function refuse_change();

grant select, insert on staff, proposals to sluice_app;
grant update (key_hash, status) on staff to sluice_app;
grant update (status, decided_by, decided_at, reason) on proposals to sluice_app;
