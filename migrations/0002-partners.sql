-- Partners and what was agreed with them. Small tables, read on every decision. A version of an
-- agreement that was used is never edited: the app may insert one and set its end, nothing else.

create table partners (
  id uuid primary key,
  key text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  kind text not null check (kind in ('referral', 'integration')),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'suspended', 'retired')),
  created_at timestamptz not null default now(),
  unique (id, kind)
);

create table agreement_versions (
  partner_id uuid not null references partners (id),
  version integer not null check (version > 0),
  valid_from date not null,
  valid_until date,
  terms jsonb not null,
  created_at timestamptz not null default now(),
  primary key (partner_id, version),
  check (valid_until is null or valid_until >= valid_from)
);

grant select, insert on partners, agreement_versions to sluice_app;
grant update (status) on partners to sluice_app;
grant update (valid_until) on agreement_versions to sluice_app;
