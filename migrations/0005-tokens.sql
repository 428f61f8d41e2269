-- How partners prove who they are. Only SHA-256 of a secret is kept: secrets are 256 random bits, so
-- nothing slower is needed. Nothing here is deleted: what ended has a status or an instant.

create table clients (
  client_id text primary key check (client_id ~ '^cli_[A-Za-z0-9_-]{22}$'),
  partner_id uuid not null references partners (id),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'revoked')),
  created_at timestamptz not null
);
create index clients_partner_id on clients (partner_id);

-- Two live secrets stand side by side while a client changes over from one to the next.
create table client_secrets (
  client_id text not null references clients (client_id),
  secret_hash bytea not null check (length(secret_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (client_id, secret_hash)
);

create table tokens (
  id text primary key check (id ~ '^tok_[A-Za-z0-9_-]{22}$'),
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  client_id text not null references clients (client_id),
  partner_id uuid not null references partners (id),
  scopes text[] not null,
  purposes text[] not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > issued_at),
  revoked_at timestamptz
);
create index tokens_client_id on tokens (client_id);
create index tokens_partner_id on tokens (partner_id);

grant select, insert on clients, client_secrets, tokens to sluice_app;
grant update (status) on clients to sluice_app;
grant update (expires_at) on client_secrets to sluice_app;
grant update (revoked_at) on tokens to sluice_app;
