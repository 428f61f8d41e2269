-- The shared-customer ledger: who is a customer of both, since when, on what evidence. The events are
-- the truth and are only ever added; `relationships` is what they add up to, kept beside them so that
-- a decision reads one row. Family: customer.

create table relationships (
  customer_id uuid not null references customers (customer_id),
  relationship_id uuid not null,
  partner_id uuid not null,
  service_id uuid not null,
  kind text not null check (kind in ('referral', 'integration')),
  reference text,
  attributed_at timestamptz not null,
  activated_at timestamptz,
  ended_at timestamptz,
  -- [{"from": instant, "until": instant or null}], half open, in order
  open_parts jsonb not null,
  is_active boolean not null,
  created_at timestamptz not null default now(),
  primary key (customer_id, relationship_id),
  check (not is_active or (activated_at is not null and ended_at is null))
);

-- At most one referral relationship per customer and service at a time; any number of integration ones.
create unique index one_referral_per_service on relationships (customer_id, service_id)
  where kind = 'referral' and ended_at is null;
create unique index one_relationship_per_partner on relationships (customer_id, partner_id, service_id)
  where ended_at is null;
create index relationships_of_partner on relationships (partner_id, customer_id);

create table relationship_events (
  customer_id uuid not null,
  relationship_id uuid not null,
  sequence integer not null check (sequence > 0),
  event text not null check (event in ('attributed', 'activated', 'connected', 'disconnected',
    'suspended', 'resumed', 'opted-out', 'opted-in', 'ended')),
  -- when it holds; booked_at says when it became known. Null: an activation was withdrawn.
  at timestamptz,
  evidence text not null check (length(evidence) between 1 and 1000),
  actor text not null check (length(actor) between 1 and 200),
  booked_at timestamptz not null,
  primary key (customer_id, relationship_id, sequence),
  foreign key (customer_id, relationship_id) references relationships (customer_id, relationship_id),
  check (at is not null or event = 'activated')
);

create trigger relationship_events_stay before update or delete on relationship_events
  for each row execute function refuse_change();
create trigger relationship_events_are_not_emptied before truncate on relationship_events
  for each statement execute function refuse_change();

grant select, insert on relationships to sluice_app;
grant update (attributed_at, activated_at, ended_at, open_parts, is_active) on relationships to sluice_app;
grant select, insert on relationship_events to sluice_app;
