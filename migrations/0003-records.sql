-- The records we hold, every version of them. The family key is the customer (customer_id first in
-- every key), services are few and the same everywhere.

-- One row per customer: what is locked while anything about the customer changes.
create table customers (
  customer_id uuid primary key,
  created_at timestamptz not null default now()
);

-- select … for update asks for the right to update at least one column. The trigger takes back what
-- that right would give beside the lock.
create trigger customers_stay before update on customers
  for each row execute function refuse_change();

create table services (
  id uuid primary key,
  key text not null unique check (length(key) between 1 and 200),
  code text not null,
  name text not null,
  created_at timestamptz not null default now()
);

create table records (
  customer_id uuid not null,
  record_type text not null,
  record_id uuid not null,
  -- The key the source knows the record by; record_id is derived from type and key.
  source_key text not null check (length(source_key) between 1 and 200),
  service_id uuid,
  -- When the record happened, by the member its type names: an instant or a calendar day.
  dated_at timestamptz check (isfinite(dated_at)),
  dated_on date check (isfinite(dated_on)),
  body jsonb not null check (jsonb_typeof(body) = 'object'),
  -- Half open: this is what we held from valid_from until before valid_to.
  valid_from timestamptz not null check (isfinite(valid_from)),
  valid_to timestamptz check (isfinite(valid_to)),
  primary key (customer_id, record_type, record_id, valid_from),
  constraint records_of_customer foreign key (customer_id) references customers (customer_id),
  constraint records_of_service foreign key (service_id) references services (id),
  check (valid_to > valid_from),
  check (dated_at is null or dated_on is null)
);

-- One version holds now; the reads of a customer's current records go through this index.
create unique index records_current on records (customer_id, record_type, record_id)
  where valid_to is null;
-- Finds a key under whichever customer it stands, so that it can't be taken by a second one.
create index records_current_by_id on records (record_id) where valid_to is null;
create index records_of_service on records (service_id, customer_id);

-- A version is closed once and then stays; nothing else of it changes.
create function close_version_once() returns trigger language plpgsql as $$
begin
  if old.valid_to is not null
     or (old.customer_id, old.record_type, old.record_id, old.source_key, old.service_id, old.dated_at,
         old.dated_on, old.body, old.valid_from)
        is distinct from
        (new.customer_id, new.record_type, new.record_id, new.source_key, new.service_id, new.dated_at,
         new.dated_on, new.body, new.valid_from) then
    raise exception 'append-only: a version of a record is closed once and not changed'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger records_close_once before update on records
  for each row execute function close_version_once();

grant select on customers, services, records to sluice_app;
grant insert (customer_id) on customers to sluice_app;
grant update (created_at) on customers to sluice_app;
grant insert (id, key, code, name), update (code, name) on services to sluice_app;
grant insert (customer_id, record_type, record_id, source_key, service_id, dated_at, dated_on, body,
  valid_from) on records to sluice_app;
grant update (valid_to) on records to sluice_app;
