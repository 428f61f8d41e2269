-- What was shown in the past is explained by what was known then. So whatever bears on a decision
-- and can change keeps its history, each step with the moment it was booked.

create table partner_events (
  partner_id uuid not null references partners (id),
  sequence integer not null check (sequence > 0),
  status text not null check (status in ('active', 'suspended', 'retired')),
  booked_at timestamptz not null check (isfinite(booked_at)),
  actor text not null check (length(actor) between 1 and 200),
  reason text check (length(reason) between 1 and 1000),
  primary key (partner_id, sequence)
);
create trigger partner_events_stay before update or delete on partner_events
  for each row execute function refuse_change();
create trigger partner_events_are_not_emptied before truncate on partner_events
  for each statement execute function refuse_change();
grant select, insert on partner_events to sluice_app;

-- How the partners stand today is all that is known of those that came before their history.
insert into partner_events (partner_id, sequence, status, booked_at, actor)
  select partners.id, 1, partners.status, partners.created_at, 'migration' from partners;

alter table agreement_versions add column published_at timestamptz check (isfinite(published_at));
update agreement_versions set published_at = created_at;
alter table agreement_versions alter column published_at set not null;

-- The end of a version is said once.
create function end_agreement_once() returns trigger language plpgsql as $$
begin
  if old.valid_until is not null and new.valid_until is distinct from old.valid_until then
    raise exception 'append-only: the end of an agreement version is said once'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger agreement_versions_end_once before update on agreement_versions
  for each row execute function end_agreement_once();

-- What a page was asked to be narrowed to: its cursor is sealed for it, so the page cannot be made
-- again without. Beside the entry, not in it, because it may name a customer.
alter table disclosure_secrets add column filters jsonb check (jsonb_typeof(filters) = 'object');
grant insert (filters) on disclosure_secrets to sluice_app;
