-- Clients that prove who they are by a key (RFC 7523, section 2.2), and what they signed for one use.
-- Owner of these tables: clients.

alter table clients add column auth_method text not null default 'client_secret_basic'
  check (auth_method in ('client_secret_basic', 'private_key_jwt'));

-- Public keys. As with secrets, those of before and after stand side by side while a client changes.
create table client_keys (
  client_id text not null references clients (client_id),
  -- SHA-256 thumbprint (RFC 7638), base64url.
  thumbprint text not null check (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
  jwk jsonb not null check (jsonb_typeof(jwk) = 'object' and not jwk ?| array['d', 'p', 'q', 'k']),
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (client_id, thumbprint)
);

-- What a client signs for one use (an assertion, RFC 7523; a proof of its key, RFC 9449) is good once, in
-- every process and after every restart: its jti is kept until it would have expired.
create table used_jtis (
  -- A client's id, or the thumbprint of a key.
  signer text not null check (length(signer) between 1 and 100),
  jti_hash bytea not null check (length(jti_hash) = 32),
  expires_at timestamptz not null,
  primary key (signer, jti_hash)
);
create index used_jtis_expires_at on used_jtis (expires_at);

grant select, insert on client_keys, used_jtis to sluice_app;
grant update (expires_at) on client_keys to sluice_app;
grant delete on used_jtis to sluice_app;
