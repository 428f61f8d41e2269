-- The life of a partner: invited, let in by its acceptance of the terms in force (P04), suspended,
-- retired. Owners of these tables: partners, terms and
-- agreements.

alter table partners drop constraint partners_status_check;
alter table partners add constraint partners_status_check
  check (status in ('invited', 'active', 'suspended', 'retired'));
alter table partners alter column status set default 'invited';
alter table partners add column legal_form text not null default 'company'
  check (legal_form in ('company', 'individual'));
alter table partner_events drop constraint partner_events_status_check;
alter table partner_events add constraint partner_events_status_check
  check (status in ('invited', 'active', 'suspended', 'retired'));

-- Nobody is invited twice, and who is retired stays so, whatever the application says.
create function refuse_partner_move() returns trigger language plpgsql as $$
begin
  if new.status is distinct from old.status
     and (new.status = 'invited' or old.status = 'retired'
          or (old.status = 'invited' and new.status = 'suspended')) then
    raise exception 'partner-status: % does not follow %', new.status, old.status
      using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger partners_move before update of status on partners
  for each row execute function refuse_partner_move();

-- Whom to turn to at a partner, one person for each matter. What was replaced is ended, not deleted.
create table partner_contacts (
  partner_id uuid not null references partners (id),
  matter text not null check (matter in ('business', 'privacy', 'technical', 'finance')),
  sequence integer not null check (sequence > 0),
  name text not null check (length(name) between 1 and 200),
  email text not null check (length(email) between 3 and 254),
  since timestamptz not null check (isfinite(since)),
  until timestamptz check (until >= since),
  primary key (partner_id, matter, sequence)
);
create unique index partner_contacts_now on partner_contacts (partner_id, matter) where until is null;

-- The terms of service, in versions that never change.
create table terms_versions (
  version text primary key check (version ~ '^[a-z0-9][a-z0-9.-]{0,39}$'),
  document text not null check (document ~ '\S' and length(document) <= 200000),
  -- SHA-256 of the document's UTF-8 bytes, hexadecimal.
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  effective_at timestamptz not null unique check (isfinite(effective_at)),
  published_at timestamptz not null check (isfinite(published_at)),
  actor text not null check (length(actor) between 1 and 200),
  check (effective_at >= published_at)
);
create trigger terms_versions_stay before update or delete on terms_versions
  for each row execute function refuse_change();
create trigger terms_versions_are_not_emptied before truncate on terms_versions
  for each statement execute function refuse_change();

-- That a partner accepted them: who said so for it, and what shows it.
create table terms_acceptances (
  partner_id uuid not null references partners (id),
  version text not null references terms_versions (version),
  accepted_by text not null check (length(accepted_by) between 1 and 200),
  evidence text not null check (length(evidence) between 1 and 1000),
  accepted_at timestamptz not null check (isfinite(accepted_at)),
  -- Who wrote it down: the partner's own client, or who ran the command.
  actor text not null check (length(actor) between 1 and 200),
  primary key (partner_id, version)
);
create index terms_acceptances_version on terms_acceptances (version);
create trigger terms_acceptances_stay before update or delete on terms_acceptances
  for each row execute function refuse_change();
create trigger terms_acceptances_are_not_emptied before truncate on terms_acceptances
  for each statement execute function refuse_change();

grant select, insert on partner_contacts, terms_versions, terms_acceptances to sluice_app;
grant update (until) on partner_contacts to sluice_app;

-- Who accepted a version of an agreement for each side, and what shows it.
create table agreement_acceptances (
  partner_id uuid not null,
  version integer not null,
  side text not null check (side in ('operator', 'partner')),
  accepted_by text not null check (length(accepted_by) between 1 and 200),
  evidence text not null check (length(evidence) between 1 and 1000),
  accepted_at timestamptz not null check (isfinite(accepted_at)),
  primary key (partner_id, version, side),
  foreign key (partner_id, version) references agreement_versions (partner_id, version)
);
create trigger agreement_acceptances_stay before update or delete on agreement_acceptances
  for each row execute function refuse_change();
create trigger agreement_acceptances_are_not_emptied before truncate on agreement_acceptances
  for each statement execute function refuse_change();

-- A version that only one side accepted is none: looked at when its transaction ends.
create function refuse_one_sided() returns trigger language plpgsql as $$
begin
  if (select count(*) from public.agreement_acceptances as said
       where said.partner_id = new.partner_id and said.version = new.version) <> 2 then
    raise exception 'agreement: both sides accept a version'
      using errcode = 'check_violation';
  end if;
  return null;
end
$$;
create constraint trigger agreement_versions_are_agreed after insert on agreement_versions
  deferrable initially deferred for each row execute function refuse_one_sided();

-- That a side ended what was agreed: every version that was published before.
create table agreement_retirements (
  partner_id uuid not null references partners (id),
  sequence integer not null check (sequence > 0),
  -- The last version that there was: it ends, and all before it.
  version integer not null,
  side text not null check (side in ('operator', 'partner')),
  said_at timestamptz not null check (isfinite(said_at)),
  ends_at timestamptz not null check (isfinite(ends_at) and ends_at >= said_at),
  said_by text not null check (length(said_by) between 1 and 200),
  reason text not null check (length(reason) between 1 and 1000),
  primary key (partner_id, sequence),
  foreign key (partner_id, version) references agreement_versions (partner_id, version)
);
create index agreement_retirements_version on agreement_retirements (partner_id, version);
create trigger agreement_retirements_stay before update or delete on agreement_retirements
  for each row execute function refuse_change();
create trigger agreement_retirements_are_not_emptied before truncate on agreement_retirements
  for each statement execute function refuse_change();

-- Terms that the operator offers; they are an agreement once the partner accepts them.
create table agreement_offers (
  partner_id uuid not null references partners (id),
  number integer not null check (number > 0),
  valid_from date not null,
  terms jsonb not null,
  offered_at timestamptz not null check (isfinite(offered_at)),
  offered_by text not null check (length(offered_by) between 1 and 200),
  outcome text not null default 'open' check (outcome in ('open', 'accepted', 'declined', 'withdrawn')),
  decided_at timestamptz check (decided_at >= offered_at),
  decided_by text check (length(decided_by) between 1 and 200),
  primary key (partner_id, number),
  check ((outcome = 'open') = (decided_at is null) and (outcome = 'open') = (decided_by is null))
);
create unique index agreement_offers_open on agreement_offers (partner_id) where outcome = 'open';
create function refuse_second_outcome() returns trigger language plpgsql as $$
begin
  if old.outcome <> 'open' then
    raise exception 'append-only: an offer is decided once'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger agreement_offers_decided_once before update on agreement_offers
  for each row execute function refuse_second_outcome();

grant select, insert on agreement_acceptances, agreement_retirements, agreement_offers to sluice_app;
grant update (outcome, decided_at, decided_by) on agreement_offers to sluice_app;
