-- Clients that prove who they are by a certificate, tokens that are bound to it (RFC 8705), and the
-- networks from which a client is served. Owners of these tables: clients and tokens.

alter table clients drop constraint clients_auth_method_check;
alter table clients add constraint clients_auth_method_check
  check (auth_method in ('client_secret_basic', 'private_key_jwt', 'self_signed_tls_client_auth'));

-- Addresses with their bits ("203.0.113.0/24"); null: from everywhere.
alter table clients add column networks text[]
  check (cardinality(networks) between 1 and 32 and array_position(networks, null) is null);

-- As with secrets and keys, those of before and after stand side by side while a client changes.
create table client_certificates (
  client_id text not null references clients (client_id),
  -- SHA-256 over the certificate as DER, base64url: x5t#S256.
  thumbprint text not null check (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
  -- What the certificate itself says of its life.
  not_before timestamptz not null,
  not_after timestamptz not null check (not_after > not_before),
  created_at timestamptz not null,
  expires_at timestamptz,
  -- By the hour.
  used_at timestamptz,
  primary key (client_id, thumbprint)
);

-- Thumbprint of the certificate without which the token is worth nothing.
alter table tokens add column x5t text check (x5t ~ '^[A-Za-z0-9_-]{43}$');

grant select, insert on client_certificates to sluice_app;
grant update (expires_at, used_at) on client_certificates to sluice_app;
grant update (networks) on clients to sluice_app;
