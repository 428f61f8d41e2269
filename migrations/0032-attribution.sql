-- Where customers come from: a partner's links, and what was decided about each sign-up that came
-- over one. What the rules decided and what two persons decided are rows of their own and only ever
-- added, so that a fee can be followed back to the click. Of a person there is an id alone.

-- A link of a partner: whoever follows /r/<code> is sent to the landing address. Owner: promotions.
create table promotions (
  id uuid primary key,
  partner_id uuid not null references partners (id),
  -- Unique for good: an ended code is still somebody's evidence.
  code text not null unique check (code ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  -- Null: a sign-up for any service counts.
  service_id uuid references services (id),
  landing text not null check (landing ~ '^https://' and length(landing) <= 2000),
  from_at timestamptz not null,
  until_at timestamptz check (until_at >= from_at),
  added_by text not null check (length(added_by) between 1 and 200),
  ended_by text check (length(ended_by) between 1 and 200),
  created_at timestamptz not null
);
create index promotions_partner on promotions (partner_id, code);
create index promotions_service on promotions (service_id);

-- An end is only ever brought forward, and nothing else of a promotion ever changes: what was in
-- force at a click stays so.
create function keep_promotion() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if (new.id, new.partner_id, new.code, new.service_id, new.landing, new.from_at, new.added_by, new.created_at)
     is distinct from
     (old.id, old.partner_id, old.code, old.service_id, old.landing, old.from_at, old.added_by, old.created_at)
     or new.until_at is null or new.until_at > old.until_at then
    raise exception 'a promotion only ends' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger promotions_only_end before update on promotions
  for each row execute function keep_promotion();

-- What was decided about one customer's sign-up for one service. Owner: attribution. Family: customer.
create table attributions (
  customer_id uuid not null references customers (customer_id),
  attribution_id uuid not null,
  service_id uuid not null references services (id),
  -- The operator's own id of the sign-up, which has no form in which a person could stand.
  sign_up_id text check (sign_up_id ~ '^[A-Za-z0-9._:-]{1,200}$'),
  -- Of all that was told of the sign-up, so that told again it is known; null where a person entered it.
  request_sha256 bytea check (length(request_sha256) = 32),
  signed_up_at timestamptz not null,
  status text not null check (status in ('attributed', 'held', 'direct', 'refused')),
  -- Whose it is, or while it is held whose the rules say it were.
  partner_id uuid references partners (id),
  findings text[] not null check (cardinality(findings) between 0 and 20),
  -- Ids, instants and codes: the clicks, each with what it counted for, and what was known.
  evidence jsonb not null check (length(evidence::text) <= 20000),
  rule_version integer not null check (rule_version > 0),
  relationship_id uuid,
  told_by text not null check (length(told_by) between 1 and 200),
  decided_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (customer_id, attribution_id),
  constraint attributed_to_somebody check (status <> 'attributed' or partner_id is not null),
  constraint attributed_in_the_ledger check ((status = 'attributed') = (relationship_id is not null)),
  constraint nobodys_is_nobodys check (status not in ('direct', 'refused') or partner_id is null),
  constraint attribution_is_of_a_relationship foreign key (customer_id, relationship_id)
    references relationships (customer_id, relationship_id)
);
create index attributions_id on attributions (attribution_id);
create index attributions_of_status on attributions (status, attribution_id);
create index attributions_sign_up on attributions (sign_up_id);
create index attributions_relationship on attributions (customer_id, relationship_id);
create index attributions_service on attributions (service_id);
create index attributions_partner on attributions (partner_id);
-- A sign-up without an id of its own is the one of the customer and the service.
create unique index one_attribution_per_sign_up on attributions
  (customer_id, service_id, coalesce(sign_up_id, '')) where request_sha256 is not null;

-- What two persons decided about a held one: whose it is, or (null) nobody's.
create table attribution_decisions (
  customer_id uuid not null,
  attribution_id uuid not null,
  partner_id uuid references partners (id),
  relationship_id uuid,
  proposed_by text not null references staff (id),
  approved_by text not null references staff (id),
  reason text not null check (length(reason) between 1 and 500),
  decided_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (customer_id, attribution_id),
  constraint decision_of_an_attribution foreign key (customer_id, attribution_id)
    references attributions (customer_id, attribution_id),
  constraint decided_in_the_ledger check ((partner_id is null) = (relationship_id is null)),
  constraint decision_is_of_a_relationship foreign key (customer_id, relationship_id)
    references relationships (customer_id, relationship_id),
  constraint second_person_decides check (proposed_by <> approved_by)
);
create index attribution_decisions_relationship on attribution_decisions (customer_id, relationship_id);
create index attribution_decisions_partner on attribution_decisions (partner_id);
create index attribution_decisions_proposed_by on attribution_decisions (proposed_by);
create index attribution_decisions_approved_by on attribution_decisions (approved_by);

create function refuse_decision_of_unheld() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (
    select 1 from public.attributions
    where attributions.customer_id = new.customer_id
      and attributions.attribution_id = new.attribution_id and attributions.status = 'held'
  ) then
    raise exception 'attribution: only what is held is decided' using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger only_held_is_decided before insert on attribution_decisions
  for each row execute function refuse_decision_of_unheld();

create trigger refuse_change before update or delete on attributions
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on attributions
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on attribution_decisions
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on attribution_decisions
  for each statement execute function refuse_change();

grant select, insert on promotions, attributions, attribution_decisions to sluice_app;
grant update (until_at, ended_by) on promotions to sluice_app;
