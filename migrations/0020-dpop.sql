-- Tokens bound to a client's key (RFC 9449), and the proofs that were used. Owner of these tables: tokens.

-- Whether a client gets no other tokens.
alter table clients add column dpop_required boolean not null default false;

-- SHA-256 thumbprint (RFC 7638) of the key that must sign for each use of the token, base64url.
alter table tokens add column jkt text check (jkt ~ '^[A-Za-z0-9_-]{43}$');

-- A proof is good once, in every process and after every restart: its jti is kept until it would
-- have expired.
create table dpop_proofs (
  jkt text not null check (jkt ~ '^[A-Za-z0-9_-]{43}$'),
  jti_hash bytea not null check (length(jti_hash) = 32),
  expires_at timestamptz not null,
  primary key (jkt, jti_hash)
);
create index dpop_proofs_expires_at on dpop_proofs (expires_at);

grant select, insert, delete on dpop_proofs to sluice_app;
